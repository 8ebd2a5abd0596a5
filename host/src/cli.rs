//! The command line.

mod bundle;
mod config;
mod document;
mod grants;
pub(crate) mod inside;
mod inspect;
mod log;
pub(crate) mod output;
mod plugin_yaml;
mod pull;
mod push;
mod rbac;
mod run;
mod translate;
mod wasm;

use clap::{Parser, Subcommand};
use sluice_sandbox::{Cache, Compiler, Sandbox, compile};

/// Runs vCluster plugins as WebAssembly components.
///
/// A plugin keeps objects in step between a virtual Kubernetes cluster and the physical cluster below it.
/// Sluice owns the watches and the clients; a plugin is handed objects, answers with what should be, and touches
/// nothing else.
#[derive(Debug, Parser)]
#[command(
    name = "sluice",
    version,
    arg_required_else_help = true,
    after_help = "Examples:
  sluice run --virtual-kubeconfig virtual.yaml --physical-kubeconfig physical.yaml \\
    --name my-vcluster --namespace vcluster-my --plugins plugins/
  sluice translate -f configmap.yaml --name my-vcluster --namespace vcluster-my
  sluice translate --plugin configmaps.wasm -f configmap.yaml --name my-vcluster --namespace vcluster-my
  sluice plugin inspect configmaps.wasm
  sluice plugin grants plugins/ > sluice.yaml"
)]
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
    /// Compiles a component, standard input to standard output: what the runtime calls for each plugin.
    #[command(name = COMPILE, hide = true)]
    Compile,
}

/// The argument with which this program calls itself to compile.
const COMPILE: &str = "compile-component";
/// Where plugins are compiled: away from the process that holds the credentials.
const COMPILER: Compiler = Compiler::Child(COMPILE);

#[derive(Debug, Subcommand)]
enum PluginCommand {
    Inspect(inspect::Inspect),
    Grants(grants::Grants),
    Rbac(rbac::Rbac),
    Push(push::Push),
    Pull(pull::Pull),
    Bundle(bundle::Bundle),
    Yaml(plugin_yaml::PluginYaml),
}

impl Cli {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Run(run) => run.run(),
            Command::Translate(translate) => translate.run(),
            Command::Plugin(PluginCommand::Inspect(inspect)) => inspect.run(),
            Command::Plugin(PluginCommand::Grants(grants)) => grants.run(),
            Command::Plugin(PluginCommand::Rbac(rbac)) => rbac.run(),
            Command::Plugin(PluginCommand::Push(push)) => push.run(),
            Command::Plugin(PluginCommand::Pull(pull)) => pull.run(),
            Command::Plugin(PluginCommand::Bundle(bundle)) => bundle.run(),
            Command::Plugin(PluginCommand::Yaml(yaml)) => yaml.run(),
            Command::Compile => compile(std::io::stdin(), std::io::stdout()).map_err(anyhow::Error::msg),
        }
    }
}

/// Where plugins run, or are only looked at.
#[derive(Debug, clap::Args)]
struct Compiled {
    /// Folder to keep compiled plugins in, for a quicker start; nobody else may reach it
    #[arg(long = "compiled", value_name = "DIR", env = "SLUICE_COMPILED")]
    folder: Option<std::path::PathBuf>,
}

impl Compiled {
    fn sandbox(&self) -> anyhow::Result<Sandbox> {
        let cache = self.folder.as_deref().map(Cache::open).transpose()?;
        Ok(Sandbox::new(COMPILER)?.cached(cache))
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
