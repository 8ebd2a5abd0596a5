//! Programs that are built from Go modules, once.

use crate::step::Step;
use anyhow::{Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A module that pins what is built.
pub(crate) struct Module(pub(crate) PathBuf);

impl Module {
    /// Fails early and in words where there is no Go. `why`: what needs it, and any other way out.
    pub(crate) fn require_go(why: &str) -> Result<()> {
        let there = Command::new("go").arg("version").output().is_ok();
        ensure!(there, "Go is missing, and {why} install Go (https://go.dev/dl)");
        Ok(())
    }

    /// Builds to a name of its own first: an interrupted build leaves nothing that looks finished.
    pub(crate) fn build(&self, mut step: Step, package: &str, ldflags: &str, into: &Path) -> Result<()> {
        if !into.is_file() {
            let partial = into.with_extension("partial");
            let mut go = Command::new("go");
            go.args(["build", "-v", "-trimpath", "-ldflags", ldflags, "-o"]).arg(&partial).arg(package);
            go.current_dir(&self.0).env("CGO_ENABLED", "0");
            step.run(go)?;
            fs::rename(&partial, into)?;
        }
        step.done();
        Ok(())
    }
}
