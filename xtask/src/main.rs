//! `cargo xtask`: everything around `cargo build`.
//!
//! Reading order: [`workspace`] and [`cache`] say where things are, [`step`] runs one command with its log;
//! [`setup`] gets what cargo does not ([`wasm_target`], [`control_plane`], for tests [`tools`]), [`guests`] builds the plugins,
//! and [`suite`], [`launch`] and [`image`] put them to use; [`dependencies`] looks at what is built in.
#![forbid(unsafe_code)]
#![allow(clippy::print_stderr, reason = "a command line talks to its terminal")]

mod advisories;
mod cache;
mod control_plane;
mod dependencies;
mod fuzz;
mod go;
mod guests;
mod image;
mod kit;
mod launch;
mod setup;
mod step;
mod suite;
mod tools;
mod wasm_target;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use workspace::Workspace;

const EXAMPLES: &str = "\
Examples:
  cargo xtask setup                      get the wasm target and the control planes, once
  cargo xtask demo                       two real control planes and the plugins at work
  cargo xtask demo --keep                the same, left running to look around
  cargo xtask test                       every check that the CI makes
  cargo xtask test api_                  the same, with the tests whose name holds `api_`
  cargo xtask fuzz plan --seconds 600     look for inputs that break what should hold
  cargo xtask image                      what the image holds, built and tested without Docker
  cargo xtask bench sync --objects 1000  measure; what follows `bench` goes to the benchmark";

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "The project's own tasks", after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Get what the project needs beyond cargo: the wasm32-wasip2 target, etcd and kube-apiserver
    Setup,
    /// Run the plugins between two real control planes
    Demo {
        /// Leave everything running at the end
        #[arg(long)]
        keep: bool,
    },
    /// Format, lint, build and test everything
    Test {
        /// Run only the tests whose name holds this
        filter: Option<String>,
    },
    /// Throw changed inputs at what reads the inputs of others
    #[command(after_help = fuzz::EXAMPLES)]
    Fuzz(fuzz::Fuzz),
    /// Build what the Dockerfile builds, without Docker, and test it as vCluster and the chart run it
    Image,
    /// Run a benchmark; its own arguments follow
    Bench {
        /// Which benchmark, and its arguments
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<()> {
    let workspace = Workspace::load()?;
    match task {
        Task::Setup => setup::run(&workspace).map(drop),
        Task::Demo { keep: true } => launch::run(&workspace, "demo", &["--keep".into()]),
        Task::Demo { keep: false } => launch::run(&workspace, "demo", &[]),
        Task::Test { filter } => suite::run(&workspace, filter.as_deref()),
        Task::Fuzz(asked) => fuzz::run(&workspace, &asked),
        Task::Image => image::run(&workspace),
        Task::Bench { args } => launch::run(&workspace, "bench", &args),
    }
}
