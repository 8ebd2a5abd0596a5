//! `sluice plugin grants`: the config that grants plugins what they ask for.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::to_value;
use sluice_core::config::Config;
use sluice_core::translate::Translator;
use sluice_engine::Plugins;

use super::Compiled;
use super::output::{self, Format};

/// Prints the config that grants the plugins of a folder what they ask for.
///
/// Read it before you use it: what is granted there is what a plugin can do, whatever its code does. An empty namespace
/// is the target namespace.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sluice plugin grants plugins/ > sluice.yaml
  sluice plugin grants plugins/ --config sluice.yaml    # and keep what it says already")]
pub(super) struct Grants {
    /// Folder of components
    #[arg(value_name = "DIR")]
    plugins: PathBuf,
    /// What is said to the plugins so far, and granted; what they ask for may follow from that
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    compiled: Compiled,
    /// How it is printed
    #[arg(short, long, value_enum, default_value = "yaml")]
    output: Format,
}

impl Grants {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let config = super::config::read(self.config.as_deref())?;
        // A plugin asks for the same whatever virtual cluster it runs for; this name is a placeholder for it.
        let translator = Arc::new(Translator::new("any", "any")?);
        let mut all = Config::default();
        for plugin in Plugins::registered(&self.compiled.sandbox()?, &self.plugins, &config, &translator)? {
            let (grants, rules) = plugin.missing("");
            let mut given = plugin.given.clone();
            given.grants.0.extend(grants);
            given.interceptors.extend(rules);
            all.plugins.insert(plugin.name().into(), given);
        }
        output::print(&[to_value(&all)?], self.output)
    }
}
