//! Plugins in ConfigMaps: for clusters without a registry.
//!
//! A ConfigMap with the label `sluice.dev/plugin: NAME` holds a plugin, or a part of one: what is too large for one
//! ConfigMap is cut into several, which belong together by the digest of the whole. This is the pure half, from
//! ConfigMaps to components and back; somebody else watches them.

mod error;
mod pack;
mod set;
mod unpack;

use std::collections::BTreeMap;

use sluice_core::markers;
use tracing::warn;

use crate::found::{LoadError, Named};

pub use error::{BundleError, Problem};
pub use pack::{NotPacked, pack};

/// Label: the name of the plugin that a ConfigMap holds, or holds a part of.
pub const PLUGIN: &str = "sluice.dev/plugin";
/// Annotation: which part it is of how many, as `2/5`. Without it there is one.
pub const PART: &str = "sluice.dev/part";
/// Annotation: SHA-256 of the whole component, unpacked, 64 hex digits. Parts have to carry it.
pub const SHA256: &str = "sluice.dev/sha256";
/// Key in `binaryData`: the component.
pub const PLAIN: &str = "plugin.wasm";
/// Key in `binaryData`: the component, packed by zstd.
pub const PACKED: &str = "plugin.wasm.zst";

/// A ConfigMap, as far as it matters here.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Part {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
    /// What it holds, not in base64.
    pub binary_data: BTreeMap<String, Vec<u8>>,
}

/// Makes plugins of ConfigMaps, in the order of their names. Those without the label [`PLUGIN`] say nothing, and neither
/// do the copies of a virtual cluster's objects, whatever labels its users gave them.
///
/// A set of parts that is broken, incomplete or mixed gives an error and nothing else.
pub fn assemble(parts: Vec<Part>) -> Vec<Named> {
    let mut sets = BTreeMap::<String, Vec<Part>>::new();
    for part in parts {
        let Some(plugin) = part.labels.get(PLUGIN).cloned() else { continue };
        match part.is_copy() {
            true => warn!(
                config_map = part.place(),
                plugin,
                "it is no plugin, as it carries vCluster's markers: what a virtual cluster holds cannot bring plugins"
            ),
            false => sets.entry(plugin).or_default().push(part),
        }
    }
    let assembled = |(plugin, parts): (String, _)| {
        let found = set::found(&plugin, parts).map_err(LoadError::from);
        (plugin, found)
    };
    sets.into_iter().map(assembled).collect()
}

impl Part {
    /// Whether it is, or is made to look like, what vCluster or a plugin copied from a virtual cluster.
    fn is_copy(&self) -> bool {
        self.labels.keys().chain(self.annotations.keys()).any(|key| key.starts_with(markers::PREFIX))
    }

    /// As messages name it.
    fn place(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// Without what it holds.
impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ConfigMap {}/{} with {:?}", self.namespace, self.name, self.binary_data.keys())
    }
}

#[cfg(test)]
mod tests;
