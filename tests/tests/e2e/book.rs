//! What is written for readers is true: the book, and the pages beside it.

mod code;
mod commands;
mod configs;
mod links;
mod words;

use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Pages that are not the book's.
const BESIDE: [&str; 5] = ["README.md", "ARCHITECTURE.md", "SECURITY.md", "CONTRIBUTING.md", "deploy/README.md"];
/// Where the book's are.
const BOOK: &str = "docs/src";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(file: &str) -> Result<String> {
    fs::read_to_string(root().join(file)).context(file.to_owned())
}

/// A page.
struct Page {
    /// Where it is, from the root of the repository.
    file: String,
    text: String,
}

/// What stands between fences.
#[derive(Debug)]
struct Block {
    /// `sh`, `rust` and the like; may be empty.
    language: String,
    /// What the comment right before it says, such as `from plugins/cars/src/lib.rs`.
    comment: Option<String>,
    /// Without the indentation that it has in a list.
    text: String,
}

impl Page {
    fn new(file: impl Into<String>) -> Result<Self> {
        let file = file.into();
        Ok(Self { text: read(&file)?, file })
    }

    /// The book's, but for its summary.
    fn of_the_book() -> Result<Vec<Self>> {
        let mut files = vec![];
        for entry in fs::read_dir(root().join(BOOK))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            files.extend((name != "SUMMARY.md").then(|| format!("{BOOK}/{name}")));
        }
        files.sort();
        files.into_iter().map(Self::new).collect()
    }

    /// All that there are.
    fn all() -> Result<Vec<Self>> {
        let mut pages = Self::of_the_book()?;
        for file in BESIDE.into_iter().chain(["docs/src/SUMMARY.md"]) {
            pages.push(Self::new(file)?);
        }
        Ok(pages)
    }

    fn blocks(&self) -> Vec<Block> {
        let (mut blocks, mut comment, mut open) = (vec![], None, None::<(usize, Block)>);
        for line in self.text.lines() {
            let (bare, indent) = (line.trim_start(), line.len() - line.trim_start().len());
            match (&mut open, bare.strip_prefix("```")) {
                (None, Some(language)) => {
                    let block = Block { language: language.into(), comment: comment.take(), text: String::new() };
                    open = Some((indent, block));
                }
                (Some(_), Some("")) => blocks.extend(open.take().map(|(_, block)| block)),
                (Some((indent, block)), _) => {
                    block.text.push_str(line.get(*indent..).unwrap_or_default());
                    block.text.push('\n');
                }
                (None, None) => {
                    let says = bare.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->"));
                    comment = says.map(String::from);
                }
            }
        }
        blocks
    }

    /// What is between fences left out, line by line.
    fn prose(&self) -> impl Iterator<Item = &str> {
        let mut inside = false;
        self.text.lines().filter(move |line| {
            let fence = line.trim_start().starts_with("```");
            inside ^= fence;
            !inside && !fence
        })
    }
}
