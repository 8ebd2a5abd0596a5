//! `sluice plugin bundle`: a plugin as ConfigMaps.

use std::path::PathBuf;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde_json::{Map, Value, json};
use sluice_core::bundle::Part;
use sluice_loader::bundles::pack;

use super::output::{self, Format};

/// Prints a plugin as ConfigMaps, for `sluice run --config-maps NAMESPACE`.
///
/// It is packed, and cut into as many as `kubectl apply` can take. A set is used when it is whole; until then the former
/// version goes on. After an upgrade to one with fewer parts, what is left of the former has to be deleted.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sluice plugin bundle cars.wasm --namespace vcluster-my | kubectl apply -f -
  sluice plugin bundle cars.wasm --namespace vcluster-my |
    kubectl apply --prune -l sluice.dev/plugin=cars --namespace vcluster-my -f -
  sluice plugin bundle target/wasm32-wasip2/release/my_cars.wasm --name cars")]
pub(super) struct Bundle {
    /// The component
    #[arg(value_name = "FILE.wasm")]
    file: PathBuf,
    /// What the plugin is called in the config, instead of its file's name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Namespace of the physical cluster that the ConfigMaps go to, instead of that of whoever applies them
    #[arg(long, value_name = "NAMESPACE")]
    namespace: Option<String>,
    /// How they are printed
    #[arg(short, long, value_enum, default_value = "yaml")]
    output: Format,
}

impl Bundle {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let file = || self.file.display().to_string();
        let bytes = super::wasm::read(&self.file)?;
        let name = self.name.clone().unwrap_or_else(|| super::wasm::plugin(&self.file));
        let parts = pack(&name, self.namespace.as_deref().unwrap_or_default(), &bytes).with_context(file)?;
        let objects: Vec<_> = parts.into_iter().map(object).collect();
        output::print(&objects, self.output)
    }
}

fn object(part: Part) -> Value {
    let Part { namespace, name, labels, annotations, binary_data } = part;
    let mut metadata = json!({ "name": name, "labels": labels, "annotations": annotations });
    if !namespace.is_empty() {
        metadata["namespace"] = namespace.into();
    }
    let binary_data: Map<_, _> =
        binary_data.into_iter().map(|(key, bytes)| (key, STANDARD.encode(bytes).into())).collect();
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "binaryData": binary_data })
}
