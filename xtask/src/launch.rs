//! `cargo xtask demo` and `cargo xtask bench`: everything ready, then the program itself.

use crate::{cache::Cache, guests, kit::Kit, setup, step::Step, workspace::Workspace};
use anyhow::{Context, Result};
use std::{os::unix::process::CommandExt, process::Command};

/// All programs at once: which packages are chosen decides the features of what they stand on, and with another choice
/// kube and wasmtime would be compiled anew.
pub(crate) const BINS: [&str; 3] = ["build", "--workspace", "--bins"];

/// Runs a program of the `sluice-tests` package in our place, so that its exit code and Ctrl-C are its own.
pub(crate) fn run(workspace: &Workspace, name: &str, args: &[String]) -> Result<()> {
    let control_plane = setup::run(workspace)?;
    let cache = Cache::open()?;
    guests::build(workspace, &cache)?;

    let mut step = Step::begin(&cache, &format!("build sluice and the {name}"), "a few minutes the first time")?;
    step.run(workspace.cargo(BINS))?;
    step.done();

    let mut program = Command::new(workspace.bin(name));
    program.args(args);
    Kit::new(workspace, control_plane).give_to(&mut program);
    Err(program.exec()).with_context(|| format!("cannot start the {name}"))
}
