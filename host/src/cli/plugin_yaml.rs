//! `sluice plugin yaml`: the values with which Helm installs plugins, inside vCluster or beside it.

mod roles;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::anyhow;
use clap::Args;
use serde_json::{Value, json};
use sluice_core::config::Config;
use sluice_core::key::Side;
use sluice_core::rbac::Rights;
use sluice_core::translate::Translator;
use sluice_engine::Plugins;
use sluice_engine::plugins::{Problem, Registered};

use super::Compiled;
use super::output::{self, Format};
use super::rbac::Kinds;

/// Prints the values with which Helm installs the plugins of a folder: inside vCluster, or with --chart beside it.
///
/// They hold the config as it is, and in the physical cluster the rules that it needs and no others. A plugin that asks
/// for more than the config grants is refused: `sluice plugin grants` prints what would grant it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sluice plugin yaml plugins/ --config sluice.yaml --image my-plugins:1.0.0 > plugin.yaml
  vcluster create my-vcluster -f plugin.yaml

  sluice plugin yaml plugins/ --config sluice.yaml --image my-plugins:1.0.0 --chart --name my-vcluster > values.yaml
  helm install sluice deploy/chart --namespace vcluster-my -f values.yaml")]
pub(super) struct PluginYaml {
    /// Folder of components
    #[arg(value_name = "DIR")]
    plugins: PathBuf,
    /// What the plugins are told and granted
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Image that holds Sluice, and the plugins unless they come from elsewhere
    #[arg(long, value_name = "IMAGE")]
    image: String,
    /// For Sluice's own chart
    #[arg(long, conflicts_with_all = ["legacy", "key"])]
    chart: bool,
    /// With the older key of vCluster's values, `plugin` rather than `plugins`
    #[arg(long)]
    legacy: bool,
    /// What vCluster calls it
    #[arg(long, value_name = "KEY", default_value = "sluice", value_parser = key)]
    key: String,
    /// Name of the virtual cluster, for rules that are no wider than it needs; without it they fit any
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Namespace of the physical cluster that copies go to; needed only if grants call it by its name
    #[arg(long, value_name = "NAMESPACE")]
    namespace: Option<String>,
    #[command(flatten)]
    kinds: Kinds,
    #[command(flatten)]
    compiled: Compiled,
}

/// It becomes the name of a container, and of a folder.
fn key(text: &str) -> Result<String, String> {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let inner = text.bytes().all(|byte| letter(byte) || byte == b'-');
    let ends = [text.bytes().next(), text.bytes().last()];
    match inner && ends.into_iter().all(|byte| byte.is_some_and(letter)) && text.len() <= 63 {
        true => Ok(text.into()),
        false => Err("use at most 63 lower-case letters, digits and inner hyphens".into()),
    }
}

impl PluginYaml {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let config = super::config::read(self.config.as_deref())?;
        // A plugin asks for the same whatever virtual cluster it runs for; these names are placeholders then.
        let [name, namespace] = [&self.name, &self.namespace].map(|name| name.as_deref().unwrap_or("any"));
        let translator = Arc::new(Translator::new(name, namespace)?);
        let plugins = Plugins::registered(&self.compiled.sandbox()?, &self.plugins, &config, &translator)?;
        plugins.iter().try_for_each(|plugin| self.granted(plugin))?;
        output::print(&[self.values(&config, &plugins)?], Format::Yaml)
    }

    /// The target namespace; empty unless its name is known, as in grants.
    fn target(&self) -> &str {
        self.namespace.as_deref().unwrap_or_default()
    }

    fn granted(&self, plugin: &Registered) -> anyhow::Result<()> {
        let (missing, rules) = plugin.missing(self.target());
        match missing.is_empty() && rules.is_empty() {
            true => Ok(()),
            false => Err(anyhow!(Problem::NotGranted { plugin: plugin.name().into(), missing, rules })),
        }
    }

    fn values(&self, config: &Config, plugins: &[Registered]) -> anyhow::Result<Value> {
        let registered = plugins.iter().map(|plugin| (plugin.name(), plugin.plugin.registration())).collect();
        let grant = |mut rights: Rights| {
            self.kinds.grant(&mut rights, Side::Physical, self.target(), config, &registered);
            rights
        };
        let mut entry = json!({ "image": self.image, "config": config });
        if self.chart {
            // What the runtime itself needs stands in the chart.
            entry["rbac"] = roles::of_the_chart(&grant(Rights::default()), self.target());
            if let Some(name) = &self.name {
                entry["virtualCluster"] = json!({ "name": name });
            }
            return Ok(entry);
        }
        let rights = grant(Rights::inside(self.name.as_deref(), self.target()));
        entry["rbac"] = roles::of_a_plugin(&rights, self.target());
        if self.legacy {
            entry["version"] = json!("v2");
        }
        let mut values = json!({ if self.legacy { "plugin" } else { "plugins" }: { &self.key: entry } });
        if let Some(manifests) = roles::elsewhere(&rights, self.target(), &self.key)? {
            values["experimental"] = json!({ "deploy": { "host": { "manifestsTemplate": manifests } } });
        }
        Ok(values)
    }
}
