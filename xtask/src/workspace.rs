//! Where the repository and its target folder are, and which packages are guests.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::{env, ffi::OsString, path::PathBuf, process::Command};

/// The target that every plugin is built for.
pub(crate) const WASM: &str = "wasm32-wasip2";

/// What `cargo metadata` says about this workspace.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
    /// The packages below `plugins/`.
    pub(crate) guests: Vec<String>,
}

impl Workspace {
    pub(crate) fn load() -> Result<Self> {
        let output = Command::new(cargo_path())
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .output()
            .context("cannot run cargo")?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "cargo metadata failed:\n{stderr}");
        let metadata: Value = serde_json::from_slice(&output.stdout)?;
        let path = |key: &str| metadata[key].as_str().map(PathBuf::from).context("cargo metadata names no folders");

        let root = path("workspace_root")?;
        let plugins = root.join("plugins");
        let guests = metadata["packages"].as_array().into_iter().flatten();
        let guests = guests
            .filter(|package| {
                package["manifest_path"].as_str().is_some_and(|path| PathBuf::from(path).starts_with(&plugins))
            })
            .filter_map(|package| package["name"].as_str().map(String::from))
            .collect();
        Ok(Self { target: path("target_directory")?, root, guests })
    }

    /// The cargo that runs us, in the repository's root.
    pub(crate) fn cargo<const N: usize>(&self, args: [&str; N]) -> Command {
        let mut cargo = Command::new(cargo_path());
        cargo.args(args).current_dir(&self.root);
        // `cargo run` tells us about our own package. Build scripts that look at these variables would see them
        // change between our builds and the developer's, and build their crates anew each time.
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
                cargo.env_remove(name);
            }
        }
        cargo
    }

    /// Where the guests' `.wasm` files are.
    pub(crate) fn wasm_dir(&self) -> PathBuf {
        self.target.join(WASM).join("guest")
    }

    pub(crate) fn bin(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(name)
    }
}

pub(crate) fn cargo_path() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
