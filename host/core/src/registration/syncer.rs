//! One syncer of a registration.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Misfit, Watch};
use crate::grants::{Grant, Verb};
use crate::importing::Names;
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
    /// Of those, only what such objects name; or what is made, where they want it. Not up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Where physical objects go. Up alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<Names>,
    /// Objects of other kinds that its pairs depend on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub watches: Vec<Watch>,
    /// Whether finalizers of either half hold the other.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub finalizers: bool,
    /// The CustomResourceDefinition that is copied to the side that lacks it: `cars.example.com`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crd: Option<String>,
}

impl Syncer {
    /// Whether it takes every object of its kind.
    pub fn is_exclusive(&self) -> bool {
        self.direction == Direction::Down && self.select.is_all() && !self.is_by_reference()
    }

    /// Whether it takes only what others name.
    pub fn is_by_reference(&self) -> bool {
        !self.references.is_empty() || self.watches.iter().any(|watch| watch.selects)
    }

    /// Whether its plugin says where physical objects go.
    pub fn has_own_names(&self) -> bool {
        matches!(self.names, Some(Names::Own))
    }

    pub(super) fn check(&self) -> Result<(), Misfit> {
        match self.direction {
            Direction::Down if self.names.is_some() => return Err(Misfit::DownWithNames),
            Direction::Down => {}
            Direction::Up => self.check_up()?,
            Direction::Virtual => self.check_virtual()?,
        }
        self.check_watches()?;
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

    fn check_up(&self) -> Result<(), Misfit> {
        if self.is_by_reference() {
            return Err(Misfit::UpWithReferences);
        }
        if !self.select.namespaces.is_empty() {
            return Err(Misfit::UpWithNamespaces);
        }
        Ok(self.names.as_ref().ok_or(Misfit::NoNames)?.check()?)
    }

    fn check_virtual(&self) -> Result<(), Misfit> {
        let more = [
            ("names", self.names.is_some()),
            ("select", !self.select.is_all()),
            ("finalizers", self.finalizers),
            ("crd", self.crd.is_some()),
        ];
        if let Some((field, _)) = more.into_iter().find(|(_, is_there)| *is_there) {
            return Err(Misfit::VirtualWith(field));
        }
        if self.is_by_reference() { Ok(()) } else { Err(Misfit::Unwanted) }
    }

    fn check_watches(&self) -> Result<(), Misfit> {
        let mut names = BTreeSet::new();
        self.watches.iter().try_for_each(|watch| match watch {
            Watch { name, .. } if name.is_empty() => Err(Misfit::Watch("name")),
            Watch { kind, .. } if kind.kind.is_empty() || kind.version.is_empty() => Err(Misfit::Watch("kind")),
            Watch { name, .. } if !names.insert(name) => Err(Misfit::TwoWatches(name.clone())),
            _ => Ok(()),
        })
    }

    /// What the runtime will do for it.
    pub(super) fn asks(&self) -> Vec<Grant> {
        let ask = |side, verb| Grant::new(side, &self.kind, [verb]);
        let namespaces = self.select.namespaces.clone();
        let mut asks = vec![match (self.direction, &self.names) {
            (Direction::Down, _) => Grant { namespaces: namespaces.clone(), ..ask(Side::Virtual, Verb::Sync) },
            (Direction::Up, names) => {
                let namespaces = names.as_ref().map(|names| names.namespaces("")).unwrap_or_default();
                Grant { namespaces, ..ask(Side::Physical, Verb::Sync) }
            }
            (Direction::Virtual, _) => ask(Side::Virtual, Verb::Make),
        }];
        if self.finalizers {
            asks.push(Grant { namespaces, ..ask(self.direction.source(), Verb::Update) });
        }
        asks.extend(self.references.iter().map(|reference| Grant::new(Side::Virtual, &reference.kind, [Verb::Read])));
        asks.extend(self.watches.iter().map(Watch::ask));
        if let Some(crd) = &self.crd {
            let definition = Gvk::new("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
            let of = |side| Grant::new(side, &definition, [Verb::Create, Verb::Update]);
            asks.extend(Side::BOTH.map(|side| Grant { names: [crd.clone()].into(), ..of(side) }));
        }
        asks
    }
}
