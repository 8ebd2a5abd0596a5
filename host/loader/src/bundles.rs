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

use sluice_core::bundle::Part;
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

/// Makes plugins of ConfigMaps, in the order of their names. Those without the label [`PLUGIN`] say nothing, and neither
/// do the copies of a virtual cluster's objects, whatever labels its users gave them.
///
/// A set of parts that is broken, incomplete or mixed gives an error and nothing else.
pub fn assemble(parts: &[Part]) -> Vec<Named> {
    let mut sets = BTreeMap::<&str, Vec<&Part>>::new();
    for part in parts {
        let Some(plugin) = part.labels.get(PLUGIN) else { continue };
        match part.is_copy() {
            true => warn!(
                config_map = part.place(),
                plugin,
                "it is no plugin, as it carries vCluster's markers: what a virtual cluster holds cannot bring plugins"
            ),
            false => sets.entry(plugin).or_default().push(part),
        }
    }
    let assembled = |(plugin, parts): (&str, _)| {
        let found = set::found(plugin, parts).map_err(LoadError::from);
        (plugin.to_owned(), found)
    };
    sets.into_iter().map(assembled).collect()
}

#[cfg(test)]
mod tests;
