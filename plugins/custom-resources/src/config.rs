//! What the operator writes.

use sluice_sdk::schemars::JsonSchema;
use sluice_sdk::serde::Deserialize;
use sluice_sdk::{Gvk, Names, Select};

use crate::patch::Patch;

/// Which custom resources are copied.
#[derive(Deserialize, JsonSchema)]
#[serde(crate = "sluice_sdk::serde", deny_unknown_fields)]
#[schemars(crate = "sluice_sdk::schemars")]
pub(crate) struct Config {
    /// The kinds, each with the way it is copied.
    pub(crate) resources: Vec<Resource>,
}

/// A kind, and how its objects are copied.
#[derive(Deserialize, JsonSchema)]
#[serde(crate = "sluice_sdk::serde", rename_all = "camelCase", deny_unknown_fields)]
#[schemars(crate = "sluice_sdk::schemars")]
pub(crate) struct Resource {
    /// Such as example.com/v1.
    api_version: String,
    /// Such as Database.
    kind: String,
    /// The name of its syncer; needed where one kind is listed twice for one direction.
    #[serde(default)]
    name: Option<String>,
    /// Down from the virtual cluster to the physical one, or up.
    pub(crate) direction: Direction,
    /// Which objects are copied; all if nothing is said. Up, labels alone.
    #[serde(default)]
    pub(crate) select: Select,
    /// Where physical objects go. Up alone, and needed there.
    #[serde(default)]
    pub(crate) names: Option<Names>,
    /// Whether the physical status comes up.
    #[serde(default)]
    pub(crate) status: bool,
    /// Whether finalizers of either cluster hold the object in the other.
    #[serde(default)]
    pub(crate) finalizers: bool,
    /// The CustomResourceDefinition, such as databases.example.com, that is copied to the cluster that lacks it.
    #[serde(default)]
    pub(crate) crd: Option<String>,
    /// What is changed in a copy, in this order.
    #[serde(default)]
    pub(crate) patches: Vec<Patch>,
    /// What is changed in a status on its way up, in this order.
    #[serde(default)]
    pub(crate) status_patches: Vec<Patch>,
}

/// Which way.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(crate = "sluice_sdk::serde", rename_all = "lowercase")]
#[schemars(crate = "sluice_sdk::schemars")]
pub(crate) enum Direction {
    /// From the virtual cluster to the physical one.
    Down,
    /// From the physical cluster to the virtual one.
    Up,
}

impl Resource {
    pub(crate) fn gvk(&self) -> Gvk {
        Gvk::from_api_version(&self.api_version, &self.kind)
    }

    /// Of its syncer: `database.example.com-down`.
    pub(crate) fn name(&self) -> String {
        let direction = if self.direction == Direction::Down { "down" } else { "up" };
        let own = || {
            let Gvk { group, kind, .. } = self.gvk();
            let parts = [kind.to_lowercase(), group];
            format!("{}-{direction}", parts.join(".").trim_end_matches('.'))
        };
        self.name.clone().unwrap_or_else(own)
    }

    /// What is wrong, after the place of the resource: `.patches.0.expression: …`.
    pub(crate) fn check(&self) -> Result<(), String> {
        let up = self.direction == Direction::Up;
        if up && self.names.is_none() {
            return Err(".names: \"names\" is missing; say where the physical objects go, such as same".into());
        }
        if !up && self.names.is_some() {
            return Err(".names: leave it out; what is copied down has the runtime's names".into());
        }
        if up && !self.select.namespaces.is_empty() {
            return Err(".select.namespaces: leave it out; names say where the physical objects are".into());
        }
        let patches = self.patches.iter().map(|patch| (patch, "patches", !up));
        let status = self.status_patches.iter().map(|patch| (patch, "statusPatches", false));
        for (at, (patch, list, references)) in patches.enumerate().chain(status.enumerate()) {
            patch.check(references).map_err(|why| format!(".{list}.{at}{why}"))?;
        }
        Ok(())
    }
}
