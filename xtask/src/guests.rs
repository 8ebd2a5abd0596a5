//! The guests: every package below `plugins/`, built as a component in one call of cargo.

use crate::{
    cache::Cache,
    step::Step,
    workspace::{WASM, Workspace},
};
use anyhow::Result;
use std::process::Command;

pub(crate) fn build(workspace: &Workspace, cache: &Cache) -> Result<()> {
    run(workspace, cache, "build the plugins", "build", &[])
}

pub(crate) fn lint(workspace: &Workspace, cache: &Cache) -> Result<()> {
    run(workspace, cache, "lint the plugins", "clippy", &["--", "-D", "warnings"])
}

fn run(workspace: &Workspace, cache: &Cache, title: &str, subcommand: &str, rest: &[&str]) -> Result<()> {
    if workspace.guests.is_empty() {
        return Ok(());
    }
    let mut cargo: Command = workspace.cargo([subcommand, "--profile", "guest", "--target", WASM]);
    cargo.args(workspace.guests.iter().flat_map(|name| ["-p", name])).args(rest);
    let mut step = Step::begin(cache, title, "")?;
    step.run(cargo)?;
    step.done();
    Ok(())
}
