//! What a page tells its reader to do.

use anyhow::{Context, Result};
use std::fmt;

/// One thing to do.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// A line of shell.
    Run(String),
    /// A block of text that belongs into a file: `<!-- FILE -->` or `<!-- from FILE -->` before it.
    Write { file: String, text: String },
}

impl Step {
    /// In their order: the lines of shell blocks, where one that ends with a backslash goes on, and blocks for files.
    pub(super) fn all(page: &str) -> Result<Vec<Self>> {
        let (mut steps, mut rest) = (vec![], page);
        while let Some((before, block)) = rest.split_once("```") {
            let (block, after) = block.split_once("\n```").context("a block does not end")?;
            let (language, text) = block.split_once('\n').context("an empty block")?;
            rest = after;
            if language == "sh" {
                let lines = text.replace("\\\n", " ");
                let lines = lines.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
                steps.extend(lines.filter(|line| !line.is_empty()).map(Self::Run));
            } else if let Some(file) = comment(before) {
                steps.push(Self::Write { file: file.into(), text: format!("{text}\n") });
            }
        }
        Ok(steps)
    }
}

/// What the comment right before a block says.
fn comment(before: &str) -> Option<&str> {
    before.trim_end_matches('\n').rsplit('\n').next()?.strip_prefix("<!-- ")?.strip_suffix(" -->")
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(command) => f.write_str(command),
            Self::Write { file, .. } => f.write_str(file),
        }
    }
}
