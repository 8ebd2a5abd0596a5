//! What tells that a folder changed, without its files being read.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::entries;
use crate::found::LoadError;

/// How the components of a folder look from outside. Two that are equal: nothing was written in between. A file that is
/// just being copied looks another way at every look, so it is best read once two looks agree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp(BTreeMap<PathBuf, Option<File>>);

/// Links are followed, so that a mounted ConfigMap that is swapped for another looks another way.
#[derive(Clone, Debug, PartialEq, Eq)]
struct File {
    device: u64,
    inode: u64,
    bytes: u64,
    /// Seconds and nanoseconds.
    written: (i64, i64),
    /// The same of what is known about it. A program may set the time of writing back, but not this.
    changed: (i64, i64),
}

impl Stamp {
    /// Looks at a folder: some microseconds for each file.
    ///
    /// # Errors
    /// The folder itself cannot be read.
    pub fn of(folder: &Path) -> Result<Self, LoadError> {
        let stamped = |path: PathBuf| {
            let file = fs::metadata(&path).ok().map(|found| File {
                device: found.dev(),
                inode: found.ino(),
                bytes: found.len(),
                written: (found.mtime(), found.mtime_nsec()),
                changed: (found.ctime(), found.ctime_nsec()),
            });
            (path, file)
        };
        Ok(Self(entries(folder)?.0.into_iter().map(stamped).collect()))
    }
}
