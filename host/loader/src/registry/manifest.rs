//! What an image is made of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::{Problem, nonsense};
use super::reference::is_sha256;
use crate::found::MAX_BYTES;

/// Media type of a manifest.
pub(super) const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
/// Media type of a list of manifests.
#[cfg(any(test, feature = "cosign"))]
pub(super) const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";
/// Media type of the config of a component, and with it of the whole.
pub(super) const CONFIG_TYPE: &str = "application/vnd.wasm.config.v0+json";
/// Media type of a component.
pub(super) const LAYER_TYPE: &str = "application/wasm";
/// The same before there was a layout that all share.
const OLD_LAYER_TYPE: &str = "application/vnd.wasm.content.layer.v1+wasm";

/// A manifest, as far as it matters here.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    pub(super) schema_version: u32,
    #[serde(default)]
    pub(super) media_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) artifact_type: Option<String>,
    pub(super) config: Descriptor,
    pub(super) layers: Vec<Descriptor>,
}

/// What a manifest says of bytes.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    pub(super) media_type: String,
    /// `sha256:` and 64 hex digits.
    pub(super) digest: String,
    /// Bytes.
    pub(super) size: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) annotations: BTreeMap<String, String>,
}

/// What the config says of a component. `wkg` and others read it; we do not.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Config<'a> {
    pub(super) created: &'static str,
    pub(super) architecture: &'static str,
    pub(super) os: &'static str,
    pub(super) layer_digests: [&'a str; 1],
    pub(super) component: Faces<'a>,
}

/// What a component exports and imports.
#[derive(Debug, Serialize)]
pub(super) struct Faces<'a> {
    pub(super) exports: &'a [String],
    pub(super) imports: &'a [String],
    pub(super) target: Option<String>,
}

impl Manifest {
    /// Reads one. `host` is whose it is, for messages.
    pub(super) fn parse(body: &[u8], host: &str) -> Result<Self, Problem> {
        // First what every kind has: an index of manifests has no config.
        #[derive(Deserialize)]
        struct Kind {
            manifests: Option<serde::de::IgnoredAny>,
        }
        let wrong = |error: serde_json::Error| {
            nonsense(host, format!("its manifest: line {} column {}", error.line(), error.column()))
        };
        let kind: Kind = serde_json::from_slice(body).map_err(wrong)?;
        if kind.manifests.is_some() {
            return Err(Problem::NoPlugin("it is an index of several images".into()));
        }
        let manifest: Self = serde_json::from_slice(body).map_err(wrong)?;
        match manifest.schema_version {
            2 => Ok(manifest),
            other => Err(nonsense(host, format!("schemaVersion {other} of its manifest"))),
        }
    }

    /// The one layer of a plugin, of a size that one may have.
    pub(super) fn component(&self) -> Result<&Descriptor, Problem> {
        let [layer] = &self.layers[..] else {
            return Err(Problem::NoPlugin(format!("it has {} layers", self.layers.len())));
        };
        if layer.media_type != LAYER_TYPE && layer.media_type != OLD_LAYER_TYPE {
            let media_type = sluice_core::redact::line(&layer.media_type, 100);
            return Err(Problem::NoPlugin(format!("its layer is {media_type}, and not {LAYER_TYPE}")));
        }
        if layer.size > MAX_BYTES {
            return Err(Problem::TooLarge);
        }
        match is_sha256(&layer.digest) {
            true => Ok(layer),
            false => Err(Problem::NoPlugin("its layer has no digest by SHA-256".into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_plugin_says_why() {
        let layer = |kind: &str, size: u64, digest: &str| {
            format!(r#"{{"mediaType": "{kind}", "size": {size}, "digest": "{digest}"}}"#)
        };
        let digest = format!("sha256:{}", "0".repeat(64));
        let manifest = |version: u32, layers: &str| {
            let config = layer("a", 2, "b");
            format!(r#"{{"schemaVersion": {version}, "config": {config}, "layers": [{layers}]}}"#)
        };
        let component = |text: &str| {
            Manifest::parse(text.as_bytes(), "a.b").and_then(|read| read.component().cloned()).map(|layer| layer.size)
        };
        let wasm = layer(LAYER_TYPE, 8, &digest);
        assert_eq!(component(&manifest(2, &wasm)).unwrap(), 8);
        assert_eq!(component(&manifest(2, &layer(OLD_LAYER_TYPE, 8, &digest))).unwrap(), 8);
        for (text, said) in [
            ("{".into(), "a.b does not answer as a registry does: its manifest: line 1 column"),
            (r#"{"schemaVersion": 2, "manifests": []}"#.into(), "index of several images"),
            (manifest(1, &wasm), "schemaVersion 1"),
            (manifest(2, ""), "it has 0 layers"),
            (manifest(2, &format!("{wasm},{wasm}")), "it has 2 layers"),
            (
                manifest(2, &layer("application/vnd.oci.image.layer.v1.tar+gzip", 8, &digest)),
                "tar+gzip, and not application/wasm",
            ),
            (manifest(2, &layer(LAYER_TYPE, MAX_BYTES + 1, &digest)), "larger than 64 MiB"),
            (manifest(2, &layer(LAYER_TYPE, 8, "sha512:0")), "no digest by SHA-256"),
        ] {
            let error = component(&text).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
