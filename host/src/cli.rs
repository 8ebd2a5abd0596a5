//! The command line.

mod inspect;
pub(crate) mod output;
mod run;
mod translate;

use clap::{Parser, Subcommand};

/// Runs vCluster plugins as WebAssembly components.
///
/// A plugin keeps objects in step between a virtual Kubernetes cluster and the physical cluster below it.
/// Sluice owns the watches and the clients; a plugin is handed objects, answers with what should be, and touches
/// nothing else.
#[derive(Debug, Parser)]
#[command(name = "sluice", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Translate(translate::Translate),
    /// Looks at plugins.
    #[command(subcommand, arg_required_else_help = true)]
    Plugin(PluginCommand),
}

#[derive(Debug, Subcommand)]
enum PluginCommand {
    Inspect(inspect::Inspect),
}

impl Cli {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Run(run) => run.run(),
            Command::Translate(translate) => translate.run(),
            Command::Plugin(PluginCommand::Inspect(inspect)) => inspect.run(),
        }
    }
}

/// The virtual cluster, as every command names it.
#[derive(Debug, clap::Args)]
struct Place {
    /// Name of the virtual cluster: of its Helm release, or what `vcluster create` was given
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Namespace of the physical cluster that copies go to
    #[arg(long, value_name = "NAMESPACE")]
    namespace: String,
}

impl Place {
    fn translator(&self) -> Result<sluice_core::translate::Translator, sluice_core::translate::NameError> {
        sluice_core::translate::Translator::new(&self.name, &self.namespace)
    }
}
