//! What the operator says: `sluice.yaml`, read by whoever reads files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::grants::Grants;
use crate::interception::Rule;

/// The whole of it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// By the operator's name of the plugin: the name of its file.
    #[serde(default)]
    pub plugins: BTreeMap<String, PluginConfig>,
}

/// What concerns one plugin.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PluginConfig {
    /// The plugin's own, as its schema says.
    #[serde(default)]
    pub config: Option<Value>,
    /// What it may do beyond keeping copies.
    #[serde(default)]
    pub grants: Grants,
    /// Which API requests it may answer.
    #[serde(default)]
    pub interceptors: Vec<Rule>,
}

impl PluginConfig {
    /// The plugin's own config; `{}` if the operator says nothing.
    pub fn value(&self) -> Value {
        self.config.clone().filter(|config| !config.is_null()).unwrap_or_else(|| Value::Object(Default::default()))
    }
}
