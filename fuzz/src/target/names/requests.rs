//! Who answers which API request.

use serde::Deserialize;
use serde_json::Value;
use sluice_core::interception::{self, Owner, Request, Response, Rule, Table};

/// Rules, those that are granted, and requests: method, target.
#[derive(Deserialize)]
pub(super) struct Case {
    #[serde(default)]
    rules: Vec<Value>,
    #[serde(default)]
    granted: Vec<Value>,
    #[serde(default)]
    requests: Vec<(String, String)>,
    /// Of a response.
    #[serde(default)]
    headers: Vec<(String, String)>,
}

fn rules(from: &[Value]) -> Vec<Rule> {
    let rules = from.iter().take(6).filter_map(|rule| serde_json::from_value::<Rule>(rule.clone()).ok());
    rules.filter(|rule| rule.check().is_ok()).collect()
}

fn table<'a>(rules: impl Iterator<Item = (usize, &'a Rule)>) -> Option<Table> {
    let owner = |at: usize| Owner { plugin: at.to_string(), interceptor: "i".into() };
    Table::new(rules.map(|(at, rule)| (owner(at), rule.clone()))).ok()
}

impl Case {
    /// The order of rules decides nothing, and what is granted covers what is asked.
    pub(super) fn run(&self) {
        let (asked, granted) = (rules(&self.rules), rules(&self.granted));
        let (forth, back) = (table(asked.iter().enumerate()), table(asked.iter().enumerate().rev()));
        assert_eq!(forth.is_some(), back.is_some(), "a conflict in one order: {asked:?}");
        let missing = interception::missing(&granted, &asked);
        let together: Vec<_> = granted.iter().chain(&missing).cloned().collect();
        assert_eq!(interception::missing(&together, &asked), [], "what was missing was not all of it");

        let (mine, given) = (table(asked.iter().map(|rule| (0, rule))), table(granted.iter().map(|rule| (0, rule))));
        for (method, target) in self.requests.iter().take(40) {
            let Ok(request) = Request::parse(method, target) else { continue };
            if let (Some(forth), Some(back)) = (&forth, &back) {
                assert_eq!(forth.find(&request), back.find(&request), "the order counts for {request:?}: {asked:?}");
            }
            let found = |table: &Option<Table>| table.as_ref().is_some_and(|table| table.find(&request).is_some());
            let more = missing.is_empty() && found(&mine) && !found(&given);
            assert!(!more, "{request:?} is answered by {asked:?}, and granted was {granted:?}");
        }
        self.headers();
    }

    fn headers(&self) {
        let sent: Vec<_> =
            self.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone().into_bytes())).collect();
        let borrowed: Vec<_> = sent.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        let secret = |name: &String| name == "authorization" || name == "cookie" || name.starts_with("x-remote-");
        assert!(!interception::shown(&borrowed).iter().any(|(name, _)| secret(name)), "credentials are shown");
        let response = Response { status: 200, headers: sent, body: Vec::new() };
        if let Ok(checked) = response.check() {
            let split = |(name, value): &(String, Vec<u8>)| {
                name.contains(['\r', '\n', ':', ' ']) || value.contains(&b'\n') || value.contains(&b'\r')
            };
            assert!(!checked.headers.iter().any(split), "a header that is two");
            assert!(!checked.headers.iter().any(|(name, _)| name == "transfer-encoding"), "it is ours to send");
        }
    }
}
