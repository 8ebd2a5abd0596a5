//! The folder for what is downloaded or built once per machine, outside of cargo's target folder.

use crate::step;
use anyhow::{Context, Result};
use std::{
    env, fs,
    fs::{File, TryLockError},
    path::{Path, PathBuf},
};

/// `$SLUICE_CACHE`, else `sluice` in the user's own cache folder.
pub(crate) struct Cache {
    dir: PathBuf,
}

impl Cache {
    pub(crate) fn open() -> Result<Self> {
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let dir = set("SLUICE_CACHE")
            .or_else(|| Some(set("XDG_CACHE_HOME")?.join("sluice")))
            .or_else(|| Some(set("HOME")?.join(".cache/sluice")))
            .context(
                "no folder for the cache: neither SLUICE_CACHE, XDG_CACHE_HOME nor HOME is set; set SLUICE_CACHE",
            )?;
        fs::create_dir_all(dir.join("logs")).with_context(|| cannot_write(&dir))?;
        Ok(Self { dir: dir.canonicalize()? })
    }

    pub(crate) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.join(name)
    }

    /// Holds off every other set-up on this machine until the file is dropped.
    pub(crate) fn lock(&self) -> Result<File> {
        let file = File::create(self.join("lock")).with_context(|| cannot_write(&self.dir))?;
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => step::say("waiting", "for another set-up that is running"),
            Err(TryLockError::Error(error)) => return Err(error).with_context(|| cannot_write(&self.dir)),
        }
        file.lock()?;
        Ok(file)
    }
}

fn cannot_write(dir: &Path) -> String {
    format!("cannot write to the cache folder {}; set SLUICE_CACHE to another one", dir.display())
}
