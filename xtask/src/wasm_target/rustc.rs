//! The rustc in use: its version, and the part of its sysroot that holds the target.

use crate::workspace::WASM;
use anyhow::{Context, Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Says for which rustc we built the target. rustup leaves our folder alone when it updates
/// the toolchain, so a newer rustc may find a standard library that it cannot read.
const BUILT_FOR: &str = "built-for";

pub(crate) struct Rustc {
    pub(crate) version: String,
    pub(crate) commit: String,
    pub(crate) sysroot: PathBuf,
}

impl Rustc {
    pub(crate) fn ask() -> Result<Self> {
        let about = rustc(&["--version", "--verbose"])?;
        let field = |name: &str| {
            let value = about.lines().find_map(|line| line.strip_prefix(name));
            value.map(String::from).with_context(|| format!("rustc does not tell its {name}"))
        };
        Ok(Self {
            version: field("release: ")?,
            commit: field("commit-hash: ")?,
            sysroot: rustc(&["--print", "sysroot"])?.trim().into(),
        })
    }

    pub(crate) fn target_dir(&self) -> PathBuf {
        self.sysroot.join("lib/rustlib").join(WASM)
    }

    pub(crate) fn has_target(&self) -> bool {
        let std = |name: &str| name.starts_with("libstd-") && name.ends_with(".rlib");
        let fresh = fs::read_to_string(self.target_dir().join(BUILT_FOR)).map_or(true, |commit| commit == self.commit);
        let mut files = fs::read_dir(self.target_dir().join("lib")).into_iter().flatten().flatten();
        fresh && files.any(|file| file.file_name().to_str().is_some_and(std))
    }

    /// Notes in a target folder of our making which rustc it is for.
    pub(crate) fn mark(&self, target_dir: &Path) -> Result<()> {
        Ok(fs::write(target_dir.join(BUILT_FOR), &self.commit)?)
    }

    /// Clears away a target that [`has_target`](Self::has_target) refuses: rustup does not write over it.
    pub(crate) fn remove_remains(&self) -> Result<()> {
        let dir = self.target_dir();
        if dir.exists() {
            fs::remove_dir_all(&dir).with_context(|| format!("cannot remove the useless {}", dir.display()))?;
        }
        Ok(())
    }
}

fn rustc(args: &[&str]) -> Result<String> {
    let output = Command::new("rustc").args(args).output().context("cannot run rustc")?;
    ensure!(output.status.success(), "rustc {} failed", args.join(" "));
    Ok(String::from_utf8(output.stdout)?)
}
