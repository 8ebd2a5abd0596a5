//! A temporary folder that goes when its owner goes.

use crate::guard::Guard;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Like a [`TempDir`], but also removed when this process is killed.
#[derive(Debug)]
pub struct Folder {
    dir: TempDir,
    guard: Guard,
}

impl Folder {
    /// Makes a folder whose name starts with `prefix`.
    ///
    /// # Errors
    /// When the machine's folder for temporary files cannot be written to.
    pub fn new(prefix: &str) -> Result<Self> {
        let dir = tempfile::Builder::new().prefix(prefix).tempdir().context("cannot make a temporary folder")?;
        // The second is for servers that write there and are ended at the same moment.
        let guard = Guard::new("sleep 1; rm -rf \"$1\"", dir.path())?;
        Ok(Self { dir, guard })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Leaves the folder behind.
    #[must_use]
    pub fn leave(self) -> PathBuf {
        drop(self.guard);
        self.dir.keep()
    }
}
