//! One interceptor of a registration.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::RegistrationError;
use crate::interception::{COMBINATIONS, Rule};

/// Answers API requests in place of the virtual cluster's API server.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Interceptor {
    /// Its name, unique among the plugin's interceptors.
    pub name: String,
    /// Which requests.
    pub rules: Vec<Rule>,
}

/// What is wrong with the first of them that something is wrong with.
pub(super) fn check(interceptors: &[Interceptor]) -> Result<(), RegistrationError> {
    let (mut names, mut combinations) = (BTreeSet::new(), 0_usize);
    for Interceptor { name, rules } in interceptors {
        if name.is_empty() {
            return Err(RegistrationError::Empty("interceptors[].name"));
        }
        if rules.is_empty() {
            return Err(RegistrationError::Empty("interceptors[].rules"));
        }
        if !names.insert(name) {
            return Err(RegistrationError::Twice("interceptors", name.clone()));
        }
        for (at, rule) in rules.iter().enumerate() {
            rule.check().map_err(|why| RegistrationError::Rule { interceptor: name.clone(), rule: at, why })?;
            combinations = combinations.saturating_add(rule.combinations());
        }
    }
    if combinations > COMBINATIONS { Err(RegistrationError::TooMany(COMBINATIONS)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::registration::Registration;

    #[test]
    fn what_is_wrong_with_interceptors_is_named() {
        let rule = json!({ "nonResourceURLs": ["/healthz"], "verbs": ["get"] });
        let interceptor = |name: &str, rules| json!({ "name": name, "rules": rules });
        let good = interceptor("i", json!([rule]));
        let many: Vec<_> = (0..10_001).map(|at| format!("/{at}")).collect();
        for (interceptors, said) in [
            (json!([interceptor("", json!([rule]))]), "an empty interceptors[].name"),
            (json!([interceptor("i", json!([]))]), "an empty interceptors[].rules"),
            (json!([good, good]), "two interceptors named \"i\""),
            (
                json!([interceptor("i", json!([rule, { "nonResourceURLs": ["/a*b"], "verbs": ["get"] }]))]),
                "its interceptor \"i\" has a wrong rule: rules[1] has the URL \"/a*b\"",
            ),
            (json!([interceptor("i", json!([{ "verb": ["get"] }]))]), "unknown field `verb`"),
            (json!([interceptor("i", json!([{ "nonResourceURLs": many, "verbs": ["get"] }]))]), "more than 10000"),
        ] {
            let json = json!({ "name": "p", "interceptors": interceptors }).to_string();
            let error = Registration::parse(&json).unwrap_err().to_string();
            assert!(error.contains(said), "{said}: {error}");
        }
        let json = json!({ "name": "p", "interceptors": [good, interceptor("j", json!([rule]))] }).to_string();
        let registration = Registration::parse(&json).unwrap();
        assert_eq!(registration.interceptors.len(), 2);
        assert_eq!(serde_json::to_value(&registration).unwrap()["interceptors"][0], good);
    }
}
