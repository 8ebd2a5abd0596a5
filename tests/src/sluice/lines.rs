//! The output of a program, line by line.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// What a program wrote so far, read from the file that its output goes to: a program that is left running after us
/// must not find its output closed.
#[derive(Debug, Clone)]
pub struct Lines(PathBuf);

impl Lines {
    pub(super) fn new(file: PathBuf) -> Self {
        Self(file)
    }

    /// The file that they stand in.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// All lines so far; the last may still be in the making.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        self.text().lines().map(String::from).collect()
    }

    /// The first whole line that holds `part`.
    #[must_use]
    pub fn find(&self, part: &str) -> Option<String> {
        let text = self.text();
        let mut whole = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
        whole.find(|line| line.contains(part)).map(String::from)
    }

    /// How many lines hold `part`.
    #[must_use]
    pub fn count(&self, part: &str) -> usize {
        self.text().lines().filter(|line| line.contains(part)).count()
    }

    pub(super) fn tail(&self) -> String {
        crate::process::tail(&self.0)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.0).unwrap_or_default()).into_owned()
    }
}
