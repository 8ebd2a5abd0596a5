//! What the operator writes.

use sluice_core::config::Config;
use sluice_core::interception;

use super::Target;
use crate::form::Form;

pub(super) struct Operator;

/// What stands for a secret in the corpus.
const SECRET: &str = "hunter22";

/// Where an error names what was written: a key, or a word in a field of ours. In a plugin's own config nothing is named.
const NAMED: [&str; 6] =
    ["has no limit", "unknown field", "unknown variant", "duplicate mapping key", "is no digest", ": limit "];

impl Target for Operator {
    const NAME: &'static str = "config";
    const FORM: Form = Form::Yaml;

    fn run(input: &[u8]) {
        let Ok(text) = std::str::from_utf8(input) else { return };
        let config: Config = match serde_saphyr::from_str::<Option<Config>>(text) {
            Ok(config) => config.unwrap_or_default(),
            Err(error) => {
                // As the command line tells it.
                let said = error.to_string();
                let first = said.lines().next().unwrap_or_default();
                assert!(!first.is_empty(), "an error says nothing: {said:?}");
                assert!(
                    !first.contains(SECRET) || NAMED.iter().any(|named| first.contains(named)),
                    "an error quotes a secret: {first:?}"
                );
                return;
            }
        };
        for (name, plugin) in &config.plugins {
            plugin.limits.limits(name).expect("limits were checked when they were read");
            let missing = plugin.grants.missing(&plugin.grants.0);
            assert!(missing.iter().all(|grant| grant.verbs.is_empty()), "what is granted is missing: {missing:?}");
            let rules = &plugin.interceptors;
            assert_eq!(interception::missing(rules, rules), [], "rules do not cover themselves");
            let _ = (plugin.value(), plugin.grants.clone().at("target"));
        }
        let json = serde_json::to_string(&config).expect("it can be printed");
        // Of numbers the last digit is JSON's.
        if !json.contains(['.', 'e', 'E']) {
            let again: Config = serde_json::from_str(&json).expect("what was printed can be read");
            assert_eq!(again, config, "printed and read it is another");
        }
    }
}
