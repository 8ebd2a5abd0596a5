//! What a plugin says that it is. `wit/registration.schema.json` is its schema.

mod hook;
mod interceptor;
mod misfit;
mod syncer;
mod watch;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::grants::Grant;
use crate::interception;
pub use hook::Hook;
pub use interceptor::Interceptor;
pub use misfit::Misfit;
pub use syncer::Syncer;
pub use watch::Watch;

/// The answer to `register`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// What its author calls it. The operator's name for it is the one that counts.
    pub name: String,
    /// Its own version.
    #[serde(default)]
    pub version: String,
    /// One line for the operator.
    #[serde(default)]
    pub description: String,
    /// What it keeps in step.
    #[serde(default)]
    pub syncers: Vec<Syncer>,
    /// What it reviews. The order of plugins, and within one this order, is the order of hooks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<Hook>,
    /// What it answers in place of the virtual cluster's API server.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interceptors: Vec<Interceptor>,
    /// What it wants to do beyond keeping copies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<Grant>,
}

/// How long a text may be, in bytes.
const TEXT: usize = 1024;
/// How many names in how many namespaces it may ask for: each is compared with each grant.
const PLACES: usize = 10_000;

/// Whether all its texts can be shown to an operator.
fn is_plain(value: &Value) -> bool {
    // Beside control characters, those that turn the direction of what follows.
    let odd = |char: char| char.is_control() || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let plain = |text: &str| text.len() <= TEXT && !text.contains(odd);
    match value {
        Value::String(text) => plain(text),
        Value::Array(list) => list.iter().all(is_plain),
        Value::Object(map) => map.iter().all(|(key, value)| plain(key) && is_plain(value)),
        _ => true,
    }
}

/// Why a registration is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// Not JSON, or not by the schema.
    #[error("its registration does not fit the schema: {0}")]
    Schema(#[from] serde_json::Error),
    /// A text that would do something to a terminal, or fill a log.
    #[error("its registration has a text with control characters, or of more than {TEXT} bytes")]
    NotPlain,
    /// A required text is empty.
    #[error("its registration has an empty {0}")]
    Empty(&'static str),
    /// Two of one name.
    #[error("its registration has two {0} named {1:?}")]
    Twice(&'static str, String),
    /// A syncer whose parts do not fit together.
    #[error("its syncer {syncer:?} {why}")]
    Syncer {
        /// Its name.
        syncer: String,
        /// What is wrong.
        why: Misfit,
    },
    /// A rule that cannot be meant.
    #[error("its interceptor {interceptor:?} has a wrong rule: rules[{rule}] {why}")]
    Rule {
        /// Its name.
        interceptor: String,
        /// Which of its rules, from 0.
        rule: usize,
        /// What is wrong.
        why: interception::Misfit,
    },
    /// Rules that take too long to compare with others.
    #[error("its interceptors name more than {0} combinations of group, resource, name and verb; use \"*\"")]
    TooMany(usize),
    /// Asks that take too long to compare with what is granted.
    #[error("it asks for more than {PLACES} places, each a name in a namespace; leave names or namespaces out")]
    TooWide,
}

impl Registration {
    /// From its JSON text.
    pub fn parse(json: &str) -> Result<Self, RegistrationError> {
        let value: Value = serde_json::from_str(json)?;
        if !is_plain(&value) {
            return Err(RegistrationError::NotPlain);
        }
        let registration: Self = serde_json::from_str(json)?;
        if registration.name.is_empty() {
            return Err(RegistrationError::Empty("name"));
        }
        let mut names = BTreeSet::new();
        for syncer in &registration.syncers {
            if syncer.name.is_empty() {
                return Err(RegistrationError::Empty("syncers[].name"));
            }
            if syncer.kind.kind.is_empty() || syncer.kind.version.is_empty() {
                return Err(RegistrationError::Empty("syncers[].kind"));
            }
            if !names.insert(&syncer.name) {
                return Err(RegistrationError::Twice("syncers", syncer.name.clone()));
            }
            syncer.check().map_err(|why| RegistrationError::Syncer { syncer: syncer.name.clone(), why })?;
        }
        let mut names = BTreeSet::new();
        for hook in &registration.hooks {
            if hook.name.is_empty() {
                return Err(RegistrationError::Empty("hooks[].name"));
            }
            if hook.kind.kind.is_empty() || hook.kind.version.is_empty() {
                return Err(RegistrationError::Empty("hooks[].kind"));
            }
            if hook.operations.is_empty() {
                return Err(RegistrationError::Empty("hooks[].operations"));
            }
            if !names.insert(&hook.name) {
                return Err(RegistrationError::Twice("hooks", hook.name.clone()));
            }
        }
        interceptor::check(&registration.interceptors)?;
        let places = registration.asks().iter().map(Grant::places).fold(0, usize::saturating_add);
        if places > PLACES {
            return Err(RegistrationError::TooWide);
        }
        Ok(registration)
    }

    /// All that it wants: what it asks for, and what follows from its syncers and hooks. The target namespace is "".
    pub fn asks(&self) -> Vec<Grant> {
        let own = self.syncers.iter().flat_map(Syncer::asks).chain(self.hooks.iter().map(Hook::ask));
        let (mut asks, mut places): (Vec<Grant>, _) = (vec![], BTreeMap::new());
        for ask in own.chain(self.asks.iter().cloned()) {
            let Grant { side, group, kind, verbs, namespaces, names } = &ask;
            let about = (*side, group.clone(), kind.clone(), namespaces.clone(), names.clone());
            let next = asks.len();
            match asks.get_mut(*places.entry(about).or_insert(next)) {
                Some(other) => other.verbs.extend(verbs),
                None => asks.push(ask),
            }
        }
        asks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_says_what_is_wrong_with_it() {
        let kind = r#""kind":{"group":"example.com","version":"v1","kind":"Car"}"#;
        let syncer = format!(r#"{{"name":"s",{kind}}}"#);
        let watch = format!(r#"{{"name":"w","side":"virtual","selects":true,{kind}}}"#);
        let with = |more: &str| format!(r#"{{"name":"p","syncers":[{{"name":"s",{kind},{more}}}]}}"#);
        for (json, said) in [
            ("{".to_owned(), "does not fit the schema"),
            (r#"{"name":"p\u001b[1m"}"#.into(), "control characters"),
            (format!(r#"{{"name":"p","version":"{}"}}"#, "1".repeat(2_000)), "more than 1024 bytes"),
            (r#"{"name":"p","syncers":[],"hook":[]}"#.into(), "unknown field `hook`"),
            (format!(r#"{{"name":"","syncers":[{syncer}]}}"#), "empty name"),
            (format!(r#"{{"name":"p","syncers":[{syncer},{syncer}]}}"#), "two syncers named \"s\""),
            (
                format!(r#"{{"name":"p","hooks":[{{"name":"h","side":"virtual",{kind},"operations":[]}}]}}"#),
                "empty hooks[].operations",
            ),
            (
                r#"{"name":"p","interceptors":[{"name":"i","rules":[{"verbs":["get"]}]}]}"#.into(),
                "its interceptor \"i\" has a wrong rule: rules[0] has neither apiGroups and resources nor",
            ),
            (with(r#""direction":"up""#), "give it names"),
            (with(r#""names":"same""#), "copies down and has names"),
            (with(r#""direction":"up","names":{"map":{"a":"b/c"}}"#), "leads nowhere"),
            (with(r#""direction":"up","names":"same","select":{"namespaces":["a"]}"#), "selects namespaces"),
            (with(r#""direction":"virtual""#), "does not say for what"),
            (with(r#""direction":"virtual","finalizers":true"#), "has finalizers, which is for copies"),
            (with(&format!(r#""watches":[{watch},{watch}]"#)), "two watches named \"w\""),
            (with(&format!(r#""direction":"up","names":"own","watches":[{watch}]"#)), "names say what is brought up"),
            (with(r#""select":{"labels":"a in"}"#), "no label selector"),
            (with(r#""crd":"cars.example.org""#), "does not define example.com/v1 Car"),
            (with(r#""references":[{"kind":{"group":"","version":"v1","kind":"Pod"},"paths":["a"]}]"#), "JSON pointer"),
        ] {
            let error = Registration::parse(&json).unwrap_err().to_string();
            assert!(error.contains(said), "{json}: {error}");
        }
        assert!(Registration::parse(&format!(r#"{{"name":"p","syncers":[{syncer}]}}"#)).is_ok());
    }

    #[test]
    fn it_asks_for_so_many_places_and_no_more() {
        let list = |count: usize| (0..count).map(|at| format!("\"n{at}\"")).collect::<Vec<_>>().join(",");
        let asks = |namespaces: usize, names: usize| {
            let (namespaces, names) = (list(namespaces), list(names));
            let ask = r#""side":"virtual","kind":"Secret","verbs":["read"]"#;
            format!(r#"{{"name":"p","asks":[{{{ask},"namespaces":[{namespaces}],"names":[{names}]}}]}}"#)
        };
        for (namespaces, names, allowed) in [(100, 100, true), (101, 100, false), (0, 10_000, true), (0, 10_001, false)]
        {
            let parsed = Registration::parse(&asks(namespaces, names));
            assert_eq!(parsed.is_ok(), allowed, "{namespaces} namespaces, {names} names");
        }
    }

    #[test]
    fn what_the_runtime_does_for_a_syncer_is_asked_for() {
        let json = r#"{"name":"p","syncers":[
            {"name":"s","kind":{"group":"example.com","version":"v1","kind":"Car"},"finalizers":true,"crd":"cars.example.com"},
            {"name":"t","kind":{"group":"","version":"v1","kind":"Secret"},"direction":"up","names":{"map":{"/a":"b/a","c/*":"c/*"}},
             "watches":[{"name":"w","side":"physical","kind":{"group":"","version":"v1","kind":"Pod"},"select":{"namespaces":["","d"]}}]},
            {"name":"u","kind":{"group":"","version":"v1","kind":"Node"},"direction":"virtual",
             "references":[{"kind":{"group":"","version":"v1","kind":"Pod"},"paths":["/spec/nodeName"]}]}
        ],"hooks":[{"name":"h","side":"physical","kind":{"group":"","version":"v1","kind":"Pod"},"operations":["create"]}]}"#;
        let asks = Registration::parse(json).unwrap().asks();
        let said: Vec<_> = asks.iter().map(ToString::to_string).collect();
        let crd = "CustomResourceDefinition named cars.example.com";
        assert_eq!(
            said,
            [
                "sync, update virtual example.com/Car".to_owned(),
                format!("create, update virtual apiextensions.k8s.io/{crd}"),
                format!("create, update physical apiextensions.k8s.io/{crd}"),
                "sync physical Secret in the target namespace, c".into(),
                "read physical Pod in the target namespace, d".into(),
                "make virtual Node".into(),
                "read virtual Pod".into(),
                "hook into physical Pod".into(),
            ]
        );
    }
}
