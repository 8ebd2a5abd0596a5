//! What a plugin says that it is. `wit/registration.schema.json` is its schema.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::grants::{Grant, Verb};
use crate::importing::{Names, NamesError};
use crate::key::{Direction, Gvk, Side};
use crate::references::Reference;
use crate::selector::Selection;

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
    /// What it wants to do beyond keeping copies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<Grant>,
}

/// One syncer of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Syncer {
    /// Its name, unique within the plugin.
    pub name: String,
    /// The kind of both its sides.
    pub kind: Gvk,
    /// Which way it copies.
    #[serde(default)]
    pub direction: Direction,
    /// Which objects of the side that it copies from are its.
    #[serde(default, skip_serializing_if = "Selection::is_all")]
    pub select: Selection,
    /// Of those, only what such objects name. Down alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Where physical objects go. Up alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<Names>,
    /// Whether finalizers of either half hold the other.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub finalizers: bool,
    /// The CustomResourceDefinition that is copied to the side that lacks it: `cars.example.com`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crd: Option<String>,
}

/// Why a registration is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// Not JSON, or not by the schema.
    #[error("its registration does not fit the schema: {0}")]
    Schema(#[from] serde_json::Error),
    /// A required text is empty.
    #[error("its registration has an empty {0}")]
    Empty(&'static str),
    /// Two of one name.
    #[error("its registration has two syncers named {0:?}")]
    Twice(String),
    /// A syncer whose parts do not fit together.
    #[error("its syncer {syncer:?} {why}")]
    Syncer {
        /// Its name.
        syncer: String,
        /// What is wrong.
        why: Misfit,
    },
}

/// What does not fit in a syncer.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// Up without names.
    #[error("copies up without saying where to; give it names")]
    NoNames,
    /// Down with names.
    #[error("copies down and has names; leave them out, copies have the runtime's names")]
    DownWithNames,
    /// Up with references.
    #[error("copies up and has references; leave them out, what names objects is looked for in the virtual cluster")]
    UpWithReferences,
    /// A selection of namespaces, where names say them.
    #[error("copies up and selects namespaces; leave them out, names say where physical objects are")]
    UpWithNamespaces,
    /// Names that lead nowhere.
    #[error(transparent)]
    Names(#[from] NamesError),
    /// A path that is none.
    #[error("has a reference with the path {0:?}; write a JSON pointer such as /spec/tls/*/secretName")]
    Path(String),
    /// A CRD of another group.
    #[error("has crd {crd:?}, which does not define {gvk}; write its plural and group, such as cars.example.com")]
    Crd {
        /// As written.
        crd: String,
        /// The syncer's kind.
        gvk: Gvk,
    },
}

impl Registration {
    /// From its JSON text.
    pub fn parse(json: &str) -> Result<Self, RegistrationError> {
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
                return Err(RegistrationError::Twice(syncer.name.clone()));
            }
            syncer.check().map_err(|why| RegistrationError::Syncer { syncer: syncer.name.clone(), why })?;
        }
        Ok(registration)
    }

    /// All that it wants beyond keeping copies: what it asks for, and what follows from its syncers.
    pub fn asks(&self, target_namespace: &str) -> Vec<Grant> {
        let derived = self.syncers.iter().flat_map(|syncer| syncer.asks(target_namespace));
        self.asks.iter().cloned().chain(derived).collect()
    }
}

impl Syncer {
    /// Whether it takes every object of its kind.
    pub fn is_exclusive(&self) -> bool {
        self.direction == Direction::Down && self.select.is_all() && self.references.is_empty()
    }

    fn check(&self) -> Result<(), Misfit> {
        match (self.direction, &self.names) {
            (Direction::Up, None) => return Err(Misfit::NoNames),
            (Direction::Up, Some(names)) => names.check()?,
            (Direction::Down, Some(_)) => return Err(Misfit::DownWithNames),
            (Direction::Down, None) => {}
        }
        if self.direction == Direction::Up {
            if !self.references.is_empty() {
                return Err(Misfit::UpWithReferences);
            }
            if !self.select.namespaces.is_empty() {
                return Err(Misfit::UpWithNamespaces);
            }
        }
        let mut paths = self.references.iter().flat_map(|reference| &reference.paths);
        if let Some(path) = paths.find(|path| !path.starts_with('/')) {
            return Err(Misfit::Path(path.clone()));
        }
        match &self.crd {
            Some(crd)
                if crd.split_once('.').is_none_or(|(plural, group)| plural.is_empty() || group != self.kind.group) =>
            {
                Err(Misfit::Crd { crd: crd.clone(), gvk: self.kind.clone() })
            }
            _ => Ok(()),
        }
    }

    /// What the runtime will do for it beyond keeping copies.
    fn asks(&self, target_namespace: &str) -> Vec<Grant> {
        let ask = |side, group: &str, kind: &str, verbs: &[Verb]| Grant {
            side,
            group: group.into(),
            kind: kind.into(),
            verbs: verbs.iter().copied().collect(),
            namespaces: BTreeSet::new(),
            names: BTreeSet::new(),
        };
        let Gvk { group, kind, .. } = &self.kind;
        let mut asks = vec![];
        if self.finalizers {
            asks.push(Grant {
                namespaces: self.select.namespaces.clone(),
                ..ask(self.direction.source(), group, kind, &[Verb::Update])
            });
        }
        if let Some(names) = &self.names {
            let mut foreign = names.namespaces(target_namespace);
            foreign.remove(target_namespace);
            if !foreign.is_empty() {
                asks.push(Grant { namespaces: foreign, ..ask(Side::Physical, group, kind, &[Verb::Read]) });
            }
        }
        if let Some(crd) = &self.crd {
            let names = BTreeSet::from([crd.clone()]);
            let of =
                |side| ask(side, "apiextensions.k8s.io", "CustomResourceDefinition", &[Verb::Create, Verb::Update]);
            asks.extend(Side::BOTH.map(|side| Grant { names: names.clone(), ..of(side) }));
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
        let with = |more: &str| format!(r#"{{"name":"p","syncers":[{{"name":"s",{kind},{more}}}]}}"#);
        for (json, said) in [
            ("{".to_owned(), "does not fit the schema"),
            (r#"{"name":"p","syncers":[],"hooks":[]}"#.into(), "unknown field `hooks`"),
            (format!(r#"{{"name":"","syncers":[{syncer}]}}"#), "empty name"),
            (format!(r#"{{"name":"p","syncers":[{syncer},{syncer}]}}"#), "two syncers named \"s\""),
            (with(r#""direction":"up""#), "give it names"),
            (with(r#""names":"same""#), "copies down and has names"),
            (with(r#""direction":"up","names":{"map":{"a":"b/c"}}"#), "leads nowhere"),
            (with(r#""direction":"up","names":"same","select":{"namespaces":["a"]}"#), "selects namespaces"),
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
    fn what_the_runtime_does_for_a_syncer_is_asked_for() {
        let json = r#"{"name":"p","syncers":[
            {"name":"s","kind":{"group":"example.com","version":"v1","kind":"Car"},"finalizers":true,"crd":"cars.example.com"},
            {"name":"t","kind":{"group":"","version":"v1","kind":"Secret"},"direction":"up","names":{"map":{"/a":"b/a","c/*":"c/*"}}}
        ]}"#;
        let asks = Registration::parse(json).unwrap().asks("ns");
        let said: Vec<_> = asks.iter().map(ToString::to_string).collect();
        let crd = "CustomResourceDefinition named cars.example.com";
        assert_eq!(
            said,
            [
                "update virtual example.com/Car".to_owned(),
                format!("create, update virtual apiextensions.k8s.io/{crd}"),
                format!("create, update physical apiextensions.k8s.io/{crd}"),
                "read physical Secret in c".into(),
            ]
        );
    }
}
