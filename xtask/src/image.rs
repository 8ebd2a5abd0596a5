//! `cargo xtask image`: what the image is made of, without an engine that makes images: the commands of the Dockerfile's
//! build stage, for this machine, and then what vCluster and Kubernetes do with what they leave.

use crate::{
    cache::Cache,
    guests,
    kit::Kit,
    launch, setup,
    step::{self, Step},
    suite, tools,
    workspace::{Workspace, cargo_path},
};
use anyhow::{Context, Result, ensure};
use std::{env, fs, process::Command};

/// Tests that show a program to be whole: inside vCluster, beside it, as the chart calls it, and under attack.
const TESTS: [&str; 4] = ["vcluster_", "flow::", "deploy::running", "hostile_spin"];

/// Builds it below the target folder, and runs tests with it.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let cache = Cache::open()?;
    let platform = format!("{}-unknown-linux-musl", env::consts::ARCH);
    let control_plane = setup::run(workspace)?;
    let tools = tools::ensure(workspace, &cache)?;
    guests::build(workspace, &cache)?;

    let image = workspace.target.join("image");
    fs::remove_dir_all(&image).or_else(|error| if image.exists() { Err(error) } else { Ok(()) })?;
    let mut step = Step::begin(&cache, &format!("build the image's program for {platform}"), "many minutes, once")?;
    let commands = commands(&fs::read_to_string(workspace.root.join("Dockerfile"))?)?;
    for command in &commands {
        let places = [("/target", &workspace.target), ("/image", &image)];
        let command = places.iter().fold(command.clone(), |command, (from, to)| {
            command.replace(&format!(" {from}"), &format!(" {}", to.display()))
        });
        let mut shell = Command::new("sh");
        shell.args(["-ec", &command.replace("xx-cargo", "\"$CARGO\"")]).current_dir(&workspace.root);
        shell.env("CARGO", cargo_path()).env("CARGO_BUILD_TARGET", &platform);
        let ran = step.run(shell);
        ran.with_context(|| format!("`rustup target add {platform}` and musl-gcc (Debian: musl-tools) are needed"))?;
    }
    step.done();
    let program = image.join("plugin/plugin");
    ensure!(is_static(&fs::read(&program)?), "{} needs a libc that vCluster's container may lack", program.display());
    step::say("ok", &format!("{} is static, {} MB", program.display(), fs::metadata(&program)?.len() / 1_000_000));

    // As vCluster's init container does.
    let plugins = image.join("plugins");
    fs::create_dir_all(&plugins)?;
    let copy = format!("cp -r {} {}", image.join("plugin").display(), plugins.join("sluice").display());
    ensure!(Command::new("sh").args(["-c", &copy]).status()?.success(), "{copy} failed");
    suite::check(&cache, "build the programs", workspace.cargo(launch::BINS))?;
    let kit = Kit::new(workspace, control_plane).with_tools(tools).of(plugins.join("sluice/plugin"));
    let mut tests = workspace.cargo(["test", "--package", "sluice-tests", "--test", "e2e", "--"]);
    tests.args(TESTS);
    kit.give_to(&mut tests);
    suite::test(tests)
}

/// What the build stage runs to make the program and its folders; what gets and checks things by tools of the engine is
/// done in other ways here.
fn commands(dockerfile: &str) -> Result<Vec<String>> {
    let text = dockerfile.replace("\\\n", " ");
    let run = text.lines().filter_map(|line| line.strip_prefix("RUN ")).find(|run| run.contains("xx-cargo build"));
    let run = run.context("Dockerfile: no RUN has `xx-cargo build`")?;
    let commands = run.split("&&").map(|command| command.split_whitespace().collect::<Vec<_>>().join(" "));
    let commands: Vec<_> = commands.filter(|command| !command.starts_with("xx-verify")).collect();
    ensure!(commands.len() > 2, "Dockerfile: its build does no more than {commands:?}");
    Ok(commands)
}

/// Whether a 64-bit little-endian ELF program names no interpreter, which would be a dynamic linker.
fn is_static(program: &[u8]) -> bool {
    const INTERPRETER: u32 = 3;
    let number = |at: usize, bytes: usize| {
        let bytes = program.get(at..at + bytes)?;
        Some(bytes.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)))
    };
    let headers = || {
        let (at, size, count) = (number(32, 8)?, number(54, 2)?, number(56, 2)?);
        let kind = |header: u64| number(usize::try_from(at + header * size).ok()?, 4);
        (0..count).map(kind).collect::<Option<Vec<_>>>()
    };
    program.starts_with(b"\x7fELF\x02\x01")
        && headers().is_some_and(|kinds| !kinds.is_empty() && !kinds.contains(&u64::from(INTERPRETER)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_are_those_of_the_dockerfile() {
        let file = "FROM a\nRUN apk add b\nRUN xx-cargo build --release --target-dir /target && \\\n    mkdir -p /image && \\\n    cp /target/*/release/a /image/a && \\\n    xx-verify --static /image/a\n";
        let found = commands(file).expect("commands");
        let wanted =
            ["xx-cargo build --release --target-dir /target", "mkdir -p /image", "cp /target/*/release/a /image/a"];
        assert_eq!(found, wanted);
        assert!(commands("RUN cargo build\n").is_err());
    }

    #[test]
    fn what_is_linked_when_it_starts_is_not_static() {
        let own = env::current_exe().and_then(fs::read).expect("this program");
        assert!(!is_static(&own), "tests are linked to a libc");
        assert!(!is_static(b"#!/bin/sh\n") && !is_static(&own[..40]));
    }
}
