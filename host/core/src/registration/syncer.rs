//! One syncer of a registration.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::grants::{Grant, Verb};
use crate::importing::{Names, NamesError};
use crate::key::{Direction, Gvk, Side};
use crate::references::Reference;
use crate::selector::Selection;

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

impl Syncer {
    /// Whether it takes every object of its kind.
    pub fn is_exclusive(&self) -> bool {
        self.direction == Direction::Down && self.select.is_all() && self.references.is_empty()
    }

    pub(super) fn check(&self) -> Result<(), Misfit> {
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
    pub(super) fn asks(&self, target_namespace: &str) -> Vec<Grant> {
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
