//! Label selectors, against another reading of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;
use sluice_core::selector::{Selection, Selector};

/// Selections, and objects that may be in them.
#[derive(Deserialize)]
pub(super) struct Case {
    #[serde(default)]
    selections: Vec<Value>,
    /// Namespaces and labels.
    #[serde(default)]
    candidates: Vec<(String, BTreeMap<String, String>)>,
}

impl Case {
    /// Apart is so in both directions, and never if an object is in both.
    pub(super) fn run(&self) {
        let all: Vec<Selection> =
            self.selections.iter().take(6).filter_map(|one| serde_json::from_value(one.clone()).ok()).collect();
        for one in &all {
            let text = one.labels.as_str();
            let again = Selector::try_from(text.to_owned()).expect("a selector as it was written");
            assert_eq!(again, one.labels, "read again it is another");
            for other in &all {
                assert_eq!(one.is_apart(other), other.is_apart(one), "apart in one direction: {one:?} and {other:?}");
                let mut both = self.candidates.iter().take(40).filter(|object| has(one, object) && has(other, object));
                let both = both.next().filter(|_| one.is_apart(other));
                assert!(both.is_none(), "{one:?} and {other:?} are apart, and both have {both:?}");
            }
        }
    }
}

fn has(selection: &Selection, (namespace, labels): &(String, BTreeMap<String, String>)) -> bool {
    let within = selection.namespaces.is_empty() || selection.namespaces.contains(namespace);
    within && split(selection.labels.as_str()).iter().all(|part| fits(part, labels))
}

/// At the commas out of brackets.
fn split(text: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for char in text.chars() {
        depth += i32::from(char == '(') - i32::from(char == ')');
        match parts.last_mut() {
            Some(part) if char != ',' || depth > 0 => part.push(char),
            _ => parts.push(String::new()),
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn fits(part: &str, labels: &BTreeMap<String, String>) -> bool {
    let value = |key: &str| labels.get(key.trim());
    if let Some((key, wanted)) = part.split_once("!=") {
        return value(key).is_none_or(|found| found != wanted.trim());
    }
    if let Some((key, wanted)) = part.split_once('=') {
        return value(key).is_some_and(|found| found == wanted.trim_start_matches('=').trim());
    }
    if let Some((head, list)) = part.split_once('(') {
        let list: BTreeSet<&str> = list.trim_end_matches(')').split(',').map(str::trim).collect();
        let (key, operator) = head.trim().rsplit_once(char::is_whitespace).unwrap_or((head, ""));
        let within = value(key).is_some_and(|found| list.contains(found.as_str()));
        return if operator == "notin" { !within } else { within };
    }
    match part.strip_prefix('!') {
        Some(key) => value(key).is_none(),
        None => value(part).is_some(),
    }
}
