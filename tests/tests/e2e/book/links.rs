//! Where links lead.

use super::{BOOK, Page, read, root};
use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;

#[test]
fn cli_every_link_leads_somewhere() -> Result<()> {
    let mut checked = 0;
    for page in Page::all()? {
        for link in links(&page) {
            if link.contains("://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').map_or((link, None), |(file, anchor)| (file, Some(anchor)));
            let folder = page.file.rsplit_once('/').map_or("", |(folder, _)| folder);
            let target = if file.is_empty() { page.file.clone() } else { resolved(folder, file) };
            ensure!(root().join(&target).exists(), "{}: {link} leads to {target}, which is not there", page.file);
            if let Some(anchor) = anchor {
                let there = anchors(&Page::new(&*target)?);
                ensure!(there.contains(anchor), "{}: {link}: {target} has only {there:?}", page.file);
            }
            // A book is built without what is around it.
            let inside = page.file.starts_with(BOOK);
            ensure!(!inside || target.starts_with(BOOK), "{}: {link} leads out of the book", page.file);
            checked += 1;
        }
    }
    ensure!(checked >= 80, "only {checked} links");
    Ok(())
}

#[test]
fn cli_the_summary_lists_every_page_of_the_book_once() -> Result<()> {
    let summary = Page::new("docs/src/SUMMARY.md")?;
    let mut listed: Vec<_> = links(&summary).into_iter().map(|file| format!("{BOOK}/{file}")).collect();
    listed.sort();
    let there: Vec<_> = Page::of_the_book()?.into_iter().map(|page| page.file).collect();
    ensure!(listed == there, "SUMMARY.md lists {listed:?}, and there are {there:?}");
    for page in Page::of_the_book()? {
        let heading = page.text.lines().next().and_then(|line| line.strip_prefix("# ")).context(page.file.clone())?;
        let file = page.file.rsplit('/').next().unwrap_or_default();
        ensure!(summary.text.contains(&format!("[{heading}]({file})")), "SUMMARY.md calls {file} not {heading:?}");
    }
    ensure!(read("docs/book.toml")?.contains("src = \"src\""), "docs/book.toml names another folder");
    Ok(())
}

/// What stands in `](..)`.
fn links(page: &Page) -> Vec<&str> {
    let of = |line| str::split(line, "](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
    page.prose().flat_map(of).collect()
}

fn resolved(folder: &str, file: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in file.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// Those of its headings, as Markdown's renderers make them.
fn anchors(page: &Page) -> BTreeSet<String> {
    let headings = page.prose().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter(|char| char.is_alphanumeric() || " -_".contains(*char));
        kept.map(|char| if char == ' ' { '-' } else { char }).collect()
    };
    headings.map(anchor).collect()
}
