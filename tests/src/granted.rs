//! Leave for plugins to do what they are there for.

use crate::artifacts;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::{fs, path::Path, process::Command};

/// A config with leave for the plugins of a folder to sync and make what they register; what else they ask for stays
/// for the config itself to grant. A config or a folder that is no good stays as it is.
///
/// # Errors
/// When the binary is not built, or a file cannot be written.
pub fn granted(plugins: &Path, config: &str) -> Result<String> {
    let folder = crate::folder::Folder::new("sluice-config-")?;
    let file = folder.path().join("sluice.yaml");
    fs::write(&file, config)?;
    let mut command = Command::new(artifacts::sluice()?);
    command.args(["plugin", "grants", "-o", "json"]).arg(plugins).arg("--config").arg(&file);
    let output = command.env("SLUICE_COMPILED", artifacts::compiled()?).output()?;
    if !output.status.success() {
        return Ok(config.into());
    }
    let mut all: Value = serde_json::from_slice(&output.stdout).context("what the binary printed")?;
    let given: Value = serde_saphyr::from_str::<Option<Value>>(config)?.unwrap_or_default();
    for (name, plugin) in all["plugins"].as_object_mut().into_iter().flatten() {
        let given = &given["plugins"][name];
        plugin["interceptors"] = given.get("interceptors").cloned().unwrap_or_else(|| json!([]));
        let count = given["grants"].as_array().map_or(0, Vec::len);
        // To index what is not there would put a null there.
        let Some(grants) = plugin.get_mut("grants").and_then(Value::as_array_mut) else { continue };
        for grant in grants.iter_mut().skip(count) {
            if let Some(verbs) = grant["verbs"].as_array_mut() {
                verbs.retain(|verb| verb == "sync" || verb == "make");
            }
        }
        grants.retain(|grant| grant["verbs"].as_array().is_some_and(|verbs| !verbs.is_empty()));
    }
    // What is said of plugins that are not there stays too.
    for (name, plugin) in given["plugins"].as_object().into_iter().flatten() {
        if all["plugins"].get(name).is_none() {
            all["plugins"][name] = plugin.clone();
        }
    }
    Ok(all.to_string())
}
