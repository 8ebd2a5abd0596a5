//! Configs that are shown are configs.

use super::{Block, Page, root};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sluice_tests::{artifacts, folder::Folder};
use std::{fs, process::Command};

/// Each is given to the real binary together with the plugins that it names, as far as they are in this repository.
#[test]
fn cli_every_config_of_the_book_is_one() -> Result<()> {
    let mut shown = 0;
    for page in Page::all()? {
        for block in page.blocks() {
            let Some(says) = block.comment.as_deref() else { continue };
            let checked = match says {
                "sluice.yaml" => runs(&config(&block)?),
                "part of sluice.yaml" => is_read(&config(&block)?),
                "plugin.yaml" => {
                    let values = config(&block)?;
                    let plugins = values["plugins"].as_object().context("no plugins")?;
                    plugins.values().try_for_each(|plugin| runs(&plugin["config"]))
                }
                "values.yaml" => runs(&config(&block)?["config"]).and_then(|()| is_rendered(&block)),
                _ => continue,
            };
            checked.with_context(|| format!("{}:\n{}", page.file, block.text))?;
            shown += 1;
        }
    }
    ensure!(shown >= 9, "only {shown} configs");
    Ok(())
}

/// Whatever is said to be YAML, JSON or TOML.
#[test]
fn cli_every_block_is_in_its_language() -> Result<()> {
    for page in Page::all()? {
        for block in page.blocks() {
            let read = match block.language.as_str() {
                "yaml" => config(&block).map(drop),
                "json" => serde_json::from_str::<Value>(&block.text).map(drop).map_err(Into::into),
                "sh" | "rust" | "text" | "go" | "toml" | "dockerfile" | "" => Ok(()),
                other => Err(anyhow::anyhow!("{other:?} is a language that no test knows")),
            };
            read.with_context(|| format!("{}:\n{}", page.file, block.text))?;
        }
    }
    Ok(())
}

fn config(block: &Block) -> Result<Value> {
    serde_saphyr::from_str(&block.text).map_err(|error| anyhow::anyhow!("{error}"))
}

/// Its plugins start with it: they are granted what they ask for.
fn runs(config: &Value) -> Result<()> {
    given(config, &["rbac", "--name", "my-vcluster", "--namespace", "vcluster-my", "--side", "physical"])
}

/// It is read; its plugins may ask for more.
fn is_read(config: &Value) -> Result<()> {
    given(config, &["grants"])
}

fn given(config: &Value, command: &[&str]) -> Result<()> {
    let folder = Folder::new("sluice-book-")?;
    let file = folder.path().join("sluice.yaml");
    fs::write(&file, config.to_string())?;
    let plugins = folder.path().join("plugins");
    fs::create_dir(&plugins)?;
    for (name, plugin) in config["plugins"].as_object().into_iter().flatten() {
        // The README's own is the tutorial's.
        let built = name.strip_prefix("all-").unwrap_or(name).replace('-', "_");
        if plugin.get("image").is_none() {
            let wasm = artifacts::guests()?.join(format!("{built}.wasm"));
            fs::copy(&wasm, plugins.join(format!("{name}.wasm"))).with_context(|| wasm.display().to_string())?;
        }
    }
    if fs::read_dir(&plugins)?.next().is_none() {
        // All of them come from elsewhere: any one will do for the rest to be read.
        fs::copy(artifacts::guests()?.join("bootstrap.wasm"), plugins.join("any.wasm"))?;
    }
    let mut sluice = Command::new(artifacts::sluice()?);
    sluice.arg("plugin").args(command).arg(&plugins).arg("--config").arg(&file);
    succeeds(sluice.env("SLUICE_COMPILED", artifacts::compiled()?))
}

/// The chart takes it.
fn is_rendered(values: &Block) -> Result<()> {
    let folder = Folder::new("sluice-book-")?;
    let file = folder.path().join("values.yaml");
    fs::write(&file, &values.text)?;
    let chart = root().join("deploy/chart");
    let mut helm = Command::new(artifacts::tool("helm")?);
    // A helm that is built from its module knows no version of Kubernetes.
    helm.args(["template", "sluice", "--kube-version", "1.36.0"]).arg(chart).arg("-f").arg(file);
    succeeds(&mut helm)
}

fn succeeds(command: &mut Command) -> Result<()> {
    let output = command.output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// A field that there is not would be refused, so these tests show something.
#[test]
fn cli_a_config_with_a_mistake_would_not_pass() {
    assert!(is_read(&json!({ "plugins": { "configmaps": { "grant": [] } } })).is_err());
    assert!(runs(&json!({ "plugins": { "configmaps": { "config": {} } } })).is_err());
}
