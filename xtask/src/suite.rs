//! `cargo xtask test`: every check of the CI, the quick ones first.

use crate::{
    cache::Cache,
    dependencies, guests,
    kit::Kit,
    launch, setup,
    step::{self, Step},
    tools,
    workspace::Workspace,
};
use anyhow::{Context, Result, ensure};
use std::{process::Command, time::Instant};

pub(crate) fn run(workspace: &Workspace, filter: Option<&str>) -> Result<()> {
    let began = Instant::now();
    let cache = Cache::open()?;
    check(&cache, "check the format", workspace.cargo(["fmt", "--all", "--check"]))?;
    dependencies::check(workspace)?;
    step::say("ok", "check licences and sources of what is built in");
    let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    check(&cache, "lint the workspace", workspace.cargo(clippy))?;

    let control_plane = setup::run(workspace)?;
    let tools = tools::ensure(workspace, &cache)?;
    guests::lint(workspace, &cache)?;
    guests::build(workspace, &cache)?;
    check(&cache, "build the programs", workspace.cargo(launch::BINS))?;

    let mut tests = workspace.cargo(["test", "--workspace"]);
    tests.args(filter);
    // The end-to-end tests wait for API servers more than they compute.
    tests.env("RUST_TEST_THREADS", "4");
    Kit::new(workspace, control_plane).with_tools(tools).give_to(&mut tests);
    test(tests)?;
    step::say("ok", &format!("every check passed in {}", step::human(began.elapsed())));
    Ok(())
}

pub(crate) fn check(cache: &Cache, title: &str, command: Command) -> Result<()> {
    let mut step = Step::begin(cache, title, "")?;
    step.run(command)?;
    step.done();
    Ok(())
}

/// The tests speak for themselves: their output is the terminal's.
pub(crate) fn test(mut cargo: Command) -> Result<()> {
    step::say("...", "run the tests");
    let began = Instant::now();
    let status = cargo.status().context("cannot run cargo")?;
    ensure!(status.success(), "tests failed after {} (see above)", step::human(began.elapsed()));
    step::say("ok", &format!("run the tests in {}", step::human(began.elapsed())));
    Ok(())
}
