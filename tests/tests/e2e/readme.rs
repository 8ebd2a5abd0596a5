//! The README is true: all its commands are run, those of its tutorial one after the other, as its reader would.

mod author;
mod image;
mod step;
mod vcluster;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{STARTED, Stage, stop};
use anyhow::{Context, Result, ensure};
use author::Author;
use sluice_tests::{Lab, artifacts};
use step::Step;

const TUTORIAL: &str = "## From an empty folder to a plugin in vCluster";

/// How a command outside of the tutorial is run here.
enum Way {
    /// With these words after it.
    Run(&'static str),
    /// It is what runs this test.
    Running,
}

fn way(command: &str) -> Option<Way> {
    Some(match command {
        "cargo xtask demo" => Way::Run(""),
        "cargo xtask test" => Way::Running,
        "cargo xtask bench sync" => Way::Run("--objects 100 --singles 20"),
        _ => return None,
    })
}

#[test]
fn cli_every_command_of_the_readme_works() -> Result<()> {
    let readme = readme()?;
    let [before, _, after] = parts(&readme)?;
    let commands = [Step::all(before)?, Step::all(after)?].concat();
    ensure!(commands.len() == 3, "the README has other commands than it had: {commands:?}");
    for step in commands {
        let Step::Run(command) = step else { continue };
        match way(&command).with_context(|| format!("say in `way` how to run this command of the README: {command}"))? {
            Way::Running => {}
            Way::Run(more) => run(&format!("{command} {more}"), &root())?,
        }
    }
    Ok(())
}

/// All of the tutorial, in an empty folder that has this repository beside it. There is neither Docker nor a whole
/// vCluster here: an image is a folder with what the Dockerfile puts there, of our own binary and the plugin that was
/// just built, and `vcluster create` is vCluster's own code for plugins, which finds that folder where vCluster's init
/// container would have copied it, and starts it with the config of the `plugin.yaml` that was just printed.
#[tokio::test(flavor = "multi_thread")]
async fn api_the_tutorial_of_the_readme_ends_in_vcluster() -> Result<()> {
    let readme = readme()?;
    let [_, tutorial, _] = parts(&readme)?;
    let steps = Step::all(tutorial)?;
    ensure!(steps.len() >= 20, "the tutorial has lost some of its steps: {steps:?}");
    let mut author = Author::new(Lab::alone("readme").await?)?;
    for step in &steps {
        author.take(step).await.with_context(|| format!("in the tutorial, {step}"))?;
    }
    ensure!(author.deployed, "the tutorial does not end in a vCluster");
    Ok(())
}

/// What is before the tutorial, the tutorial, and what is after it.
fn parts(readme: &str) -> Result<[&str; 3]> {
    let (before, rest) = readme.split_once(TUTORIAL).context("no tutorial")?;
    let (tutorial, after) = rest.split_once("\n## ").context("nothing after the tutorial")?;
    Ok([before, tutorial, after])
}

fn readme() -> Result<String> {
    Ok(fs::read_to_string(root().join("README.md"))?)
}

/// The plugins of this repository, but for hostile ones.
pub(crate) fn plugins() -> Result<Vec<String>> {
    let mut plugins = Vec::new();
    for entry in fs::read_dir(root().join("plugins"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        plugins.extend((name != "hostile").then_some(name));
    }
    Ok(plugins)
}

/// The config in `docs/examples` is one that all plugins of this repository start with, side by side.
#[tokio::test]
async fn cli_the_example_config_fits_every_plugin() -> Result<()> {
    let plugins = plugins()?;
    let names: Vec<&str> = plugins.iter().map(String::as_str).collect();
    let config = fs::read_to_string(root().join("docs/examples/sluice.yaml"))?;
    // The kinds of `cars` and `custom-resources` are served nowhere: their syncers wait, and nobody else does.
    let stage = Stage::with_plugins(Lab::take("examples").await?, &names, &config)?;
    let mut sluice = stage.launch_as_is(&["--interceptors", "127.0.0.1:0"])?;
    sluice.wait_for_line(STARTED).await?;
    for name in names {
        ensure!(sluice.logs().contains(&format!(r#""plugin":"{name}""#)), "{name} is not loaded");
    }
    stop(sluice).await.map(drop)
}

/// Runs a line of shell to its end.
fn run(command: &str, folder: &Path) -> Result<()> {
    let output = shell(command, folder)?.output()?;
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    ensure!(output.status.success(), "{command}: {}\n{said}", output.status);
    Ok(())
}

/// A line of shell in this folder, with the binary that is being tested on the path.
fn shell(line: &str, folder: &Path) -> Result<Command> {
    let mut path = artifacts::sluice()?.parent().unwrap_or(Path::new("/")).as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut command = Command::new("sh");
    command.arg("-c").arg(line).current_dir(folder).env("PATH", path);
    Ok(command)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Each promise of SECURITY.md names tests that are there.
#[test]
fn cli_what_shows_each_promise_is_there() -> Result<()> {
    let promises = fs::read_to_string(root().join("SECURITY.md"))?;
    let shown = promises.split("## What is promised").nth(1).and_then(|rest| rest.split("\n## ").next());
    let names: Vec<&str> = shown.context("no promises")?.split('`').skip(1).step_by(2).collect();
    let names: Vec<&str> = names.into_iter().filter(|name| name.contains('_') && !name.ends_with('_')).collect();
    ensure!(names.len() >= 30, "the promises have lost their tests: {names:?}");
    let mut source = String::new();
    for folder in ["host", "tests", "guest-sdk", "fuzz"] {
        read_rust(&root().join(folder), &mut source)?;
    }
    for name in names {
        ensure!(source.contains(&format!("fn {name}(")), "SECURITY.md names the test {name}, which is not there");
    }
    Ok(())
}

/// Adds all Rust below a folder.
pub(crate) fn read_rust(folder: &Path, source: &mut String) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read_rust(&path, source)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            source.push_str(&fs::read_to_string(path)?);
        }
    }
    Ok(())
}
