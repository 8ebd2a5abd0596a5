//! Code that is shown is code that there is.

use super::{Page, read};
use anyhow::{Context, Result, ensure};

/// A block that names its file shows parts of it, paragraph by paragraph, in their order.
#[test]
fn cli_code_that_is_shown_is_that_of_its_file() -> Result<()> {
    let mut shown = 0;
    for page in Page::all()? {
        for block in page.blocks() {
            let Some(file) = block.comment.as_deref().and_then(|says| says.strip_prefix("from ")) else {
                ensure!(block.language != "rust", "{}: say from which file this is:\n{}", page.file, block.text);
                continue;
            };
            let source = read(file).with_context(|| page.file.clone())?;
            let mut rest = source.as_str();
            for paragraph in block.text.trim_end().split("\n\n") {
                let at = rest
                    .find(paragraph)
                    .with_context(|| format!("{}: {file} has not, or not in this order:\n{paragraph}", page.file))?;
                let (before, after) = (&rest[..at], &rest[at + paragraph.len()..]);
                let whole = (before.is_empty() || before.ends_with('\n')) && after.starts_with('\n');
                ensure!(whole, "{}: {file} has more on a line of:\n{paragraph}", page.file);
                rest = after;
            }
            shown += 1;
        }
    }
    ensure!(shown >= 30, "only {shown} blocks of code");
    Ok(())
}

/// What the README shows as the whole of the tutorial's plugin is the whole of it, but for some of its tests.
#[test]
fn cli_the_readme_shows_all_of_the_plugin() -> Result<()> {
    let plugin = read("plugins/configmaps/src/lib.rs")?;
    let (code, _) = plugin.split_once("\n#[cfg(test)]").context("no tests")?;
    let blocks = Page::new("README.md")?.blocks();
    let shown = blocks.iter().find(|block| block.language == "rust").context("no code")?;
    ensure!(shown.text == code, "the README shows other code than plugins/configmaps/src/lib.rs has");
    Ok(())
}
