//! The README is true: each of its commands is run, and its code is the plugin's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{STARTED, Stage, stop};
use anyhow::{Context, Result, ensure};
use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, api::PostParams};
use sluice_tests::{Lab, artifacts, eventually, folder::Folder, process::Process};

/// How a command of the README is run here.
enum Way {
    /// As it stands, with these words after it.
    Run(&'static str),
    /// In a folder such as an operator's.
    RunThere,
    /// The same until it says this, then it is stopped.
    RunUntil(&'static str),
    /// It is what runs this test.
    Running,
}

fn way(command: &str) -> Option<Way> {
    Some(match command {
        "cargo xtask demo" => Way::Run(""),
        "cargo xtask test" => Way::Running,
        "cargo xtask bench sync" => Way::Run("--objects 100 --singles 20"),
        _ if command.starts_with("sluice run") => Way::RunUntil("started"),
        _ if command.contains(" plugins/ ") => Way::RunThere,
        _ if command.starts_with("sluice ") || command.starts_with("cargo ") => Way::Run(""),
        _ => return None,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn cli_every_command_of_the_readme_works() -> Result<()> {
    let readme = fs::read_to_string(root().join("README.md"))?;
    let commands = commands(&readme);
    ensure!(commands.len() >= 9, "the README has lost its commands: {commands:?}");
    for command in commands {
        match way(&command).with_context(|| format!("say in `way` how to run this command of the README: {command}"))? {
            Way::Running => {}
            Way::Run(more) => run(&format!("{command} {more}"), &root())?,
            Way::RunThere => run(&command, operators()?.path())?,
            Way::RunUntil(line) => run_until(&command, line).await?,
        }
    }
    Ok(())
}

#[test]
fn cli_the_readme_shows_the_plugin_as_it_is() -> Result<()> {
    let [readme, plugin] =
        ["README.md", "plugins/configmaps/src/lib.rs"].map(|file| fs::read_to_string(root().join(file)));
    let (readme, plugin) = (readme?, plugin?);
    let shown = readme.split_once("```rust\n").and_then(|(_, rest)| rest.split_once("```")).context("no code")?.0;
    ensure!(plugin.contains(shown), "the README shows other code than plugins/configmaps/src/lib.rs has");
    Ok(())
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

/// The lines of its shell blocks; one that ends with a backslash goes on.
fn commands(readme: &str) -> Vec<String> {
    let blocks = readme.split("```sh\n").skip(1).filter_map(|rest| rest.split_once("```"));
    let text: String = blocks.map(|(block, _)| block).collect();
    text.replace("\\\n", " ")
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect()
}

fn run(command: &str, folder: &Path) -> Result<()> {
    let output = shell(command, folder.into())?.output()?;
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    ensure!(output.status.success(), "{command}: {}\n{said}", output.status);
    Ok(())
}

/// A folder with the plugins and the config that the README names.
fn operators() -> Result<Folder> {
    let folder = Folder::new("readme")?;
    fs::create_dir(folder.path().join("plugins"))?;
    for name in ["configmaps.wasm", "import_secrets.wasm"] {
        fs::copy(artifacts::guests()?.join(name), folder.path().join("plugins").join(name))?;
    }
    let readme = fs::read_to_string(root().join("README.md"))?;
    let config = readme.split_once("```yaml\n").and_then(|(_, rest)| rest.split_once("```")).context("no YAML")?.0;
    fs::write(folder.path().join("sluice.yaml"), config)?;
    Ok(folder)
}

/// `sluice run` where the files that the README names are.
async fn run_until(command: &str, line: &str) -> Result<()> {
    let lab = Lab::take("readme").await?;
    let namespace: Namespace = serde_json::from_str(r#"{"metadata":{"name":"vcluster-my"}}"#)?;
    Api::all(lab.physical_client.clone()).create(&PostParams::default(), &namespace).await?;
    let folder = operators()?;
    for (name, plane) in [("virtual.yaml", &lab.virtual_plane), ("physical.yaml", &lab.physical_plane)] {
        fs::copy(plane.kubeconfig("sluice"), folder.path().join(name))?;
    }
    let log = folder.path().join("log");
    let mut process =
        Process::start(shell(&format!("exec {command}"), folder.path().into())?.stderr(fs::File::create(&log)?))?;
    eventually(&format!("{command} says {line:?}"), async || {
        Ok::<_, std::io::Error>(fs::read_to_string(&log)?.contains(line))
    })
    .await?;
    ensure!(process.terminate().await?.success(), "it did not end well:\n{}", fs::read_to_string(&log)?);
    Ok(())
}

/// In this folder, with the binary that is being tested on the path.
fn shell(line: &str, folder: PathBuf) -> Result<Command> {
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

fn read_rust(folder: &Path, source: &mut String) -> Result<()> {
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
