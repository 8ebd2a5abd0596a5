//! `cargo xtask fuzz`: the guests and the fuzzer built, then the fuzzer itself.

use crate::{cache::Cache, guests, launch, step::Step, wasm_target, workspace::Workspace};
use anyhow::{Context, Result};
use clap::Args;
use std::{
    os::unix::process::CommandExt,
    path::{PathBuf, absolute},
    process::Command,
};

pub(crate) const EXAMPLES: &str = "\
Examples:
  cargo xtask fuzz                            each target for a minute
  cargo xtask fuzz plan --seconds 600         one of them for ten
  cargo xtask fuzz plan --seed 7              the same inputs as every run of this seed
  cargo xtask fuzz --replay fuzz/findings/plan/0123456789abcdef

Targets: object, config, names, registration, schema, plan, component. Coverage is not measured. A finding is a panic,
an answer that breaks what the target states, or a run that takes too long; its input is kept in fuzz/findings. Once it
is repaired, move it to fuzz/corpus: `cargo test -p sluice-fuzz` tries all of that, and two seconds of changes to it.";

/// As the fuzzer itself takes them.
#[derive(Args)]
pub(crate) struct Fuzz {
    /// One target; without it all, one after the other
    target: Option<String>,
    /// How long each target runs
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Whose inputs; without it the clock says, and it is printed
    #[arg(long)]
    seed: Option<u64>,
    /// Try one finding again
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seconds", "seed"])]
    replay: Option<PathBuf>,
}

/// Runs in our place, so that its exit code and Ctrl-C are its own.
pub(crate) fn run(workspace: &Workspace, asked: &Fuzz) -> Result<()> {
    let cache = Cache::open()?;
    wasm_target::ensure(workspace, &cache)?;
    guests::build(workspace, &cache)?;
    let mut step = Step::begin(&cache, "build the fuzzer", "")?;
    step.run(workspace.cargo(launch::BINS))?;
    step.done();

    let mut fuzzer = Command::new(workspace.bin("fuzz"));
    fuzzer.args(&asked.target).env("SLUICE_GUESTS", workspace.wasm_dir());
    match &asked.replay {
        Some(file) => fuzzer.arg("--replay").arg(absolute(file)?),
        None => fuzzer.args(["--seconds", &asked.seconds.to_string()]),
    };
    fuzzer.args(asked.seed.iter().flat_map(|seed| ["--seed".to_owned(), seed.to_string()]));
    Err(fuzzer.exec()).context("cannot start the fuzzer")
}
