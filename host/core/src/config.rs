//! What the operator says: `sluice.yaml`, read by whoever reads files.

mod registries;

use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::grants::Grants;
use crate::interception::Rule;
use crate::limits::Asked;

pub use registries::{Mirror, PollError, PollSeconds, Registries};

/// The whole of it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// By the operator's name of the plugin: the name of its file.
    #[serde(default, deserialize_with = "plugins")]
    pub plugins: BTreeMap<String, PluginConfig>,
    /// How registries are reached, for those plugins that come from one.
    #[serde(default, skip_serializing_if = "Registries::is_empty")]
    pub registries: Registries,
}

/// What concerns one plugin.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PluginConfig {
    /// Where it comes from, if not from a folder or a ConfigMap: an image, as `registry.example.com/plugins/cars:1`, with
    /// a tag, a digest or both. The digest is that of the image's manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Its content is this and no other: `sha256:` and 64 hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The plugin's own, as its schema says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<Value>,
    /// What it may do.
    #[serde(default, skip_serializing_if = "Grants::is_empty")]
    pub grants: Grants,
    /// Which API requests it may answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interceptors: Vec<Rule>,
    /// What it may use, where that is not as by default.
    #[serde(default, skip_serializing_if = "Asked::is_empty")]
    pub limits: Asked,
}

/// What limits cannot be is told here, where the name of the plugin is known.
fn plugins<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, PluginConfig>, D::Error> {
    let plugins = BTreeMap::<String, PluginConfig>::deserialize(from)?;
    for (name, plugin) in &plugins {
        plugin.limits.limits(name).map_err(D::Error::custom)?;
    }
    Ok(plugins)
}

/// The SHA-256 of a component.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

/// Why a text is no digest.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no digest; write sha256: and 64 hex digits, as `sluice plugin inspect` prints it")]
pub struct DigestError(String);

impl Digest {
    /// Whether it is that of a component with these 64 hex digits.
    pub fn is(&self, digits: &str) -> bool {
        self.0 == digits
    }
}

impl TryFrom<String> for Digest {
    type Error = DigestError;

    fn try_from(text: String) -> Result<Self, DigestError> {
        let digits = text.strip_prefix("sha256:").map(str::to_ascii_lowercase);
        let is_digest = |digits: &String| digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        digits.filter(is_digest).map(Self).ok_or(DigestError(text))
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

/// `sha256:` and 64 hex digits.
impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "sha256:{}", self.0)
    }
}

impl PluginConfig {
    /// The plugin's own config; `{}` if the operator says nothing.
    pub fn value(&self) -> Value {
        self.config.clone().filter(|config| !config.is_null()).unwrap_or_else(|| Value::Object(Default::default()))
    }
}
