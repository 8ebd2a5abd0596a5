//! Words of the book that others have to know: of the program, of its metrics, of its alerts.

use super::{Page, read, root};
use crate::readme::read_rust;
use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;

/// Each heading of the page on troubles that quotes the program quotes what the program says.
#[test]
fn cli_troubles_are_called_what_the_program_calls_them() -> Result<()> {
    let mut source = String::new();
    read_rust(&root().join("host"), &mut source)?;
    // A text that goes on in the next line of the source is one.
    let lines: Vec<&str> = source.split("\\\n").map(str::trim_start).collect();
    let source = lines.concat();
    let page = Page::new("docs/src/troubleshooting.md")?;
    let quoted: Vec<&str> = page
        .prose()
        .filter(|line| line.starts_with("### "))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .collect();
    ensure!(quoted.len() >= 20, "only {quoted:?}");
    for words in quoted {
        ensure!(source.contains(words), "nothing says {words:?}");
    }
    Ok(())
}

/// The dashboard and the alerts are compared with what is really served by the tests of the admin port.
#[test]
fn cli_metrics_of_the_book_are_those_of_dashboard_and_alerts() -> Result<()> {
    let known = read("deploy/dashboard/sluice.json")? + &read("deploy/alerts/sluice.rules.yaml")?;
    let page = Page::new("docs/src/metrics.md")?;
    let words = page.text.split('`').skip(1).step_by(2);
    let metrics: Vec<&str> = words.filter(|word| word.starts_with("sluice_")).collect();
    ensure!(metrics.len() >= 10, "only {metrics:?}");
    for metric in metrics {
        ensure!(known.contains(metric), "{metric} is on no dashboard and in no alert");
    }
    Ok(())
}

#[test]
fn cli_the_book_explains_every_alert() -> Result<()> {
    let rules = read("deploy/alerts/sluice.rules.yaml")?;
    let alerts: BTreeSet<&str> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    let page = Page::new("docs/src/metrics.md")?;
    let words = page.text.split('`').skip(1).step_by(2);
    let told: BTreeSet<&str> = words.filter(|word| word.starts_with("Sluice")).collect();
    assert_eq!(told, alerts);
    Ok(())
}

/// The README and the book have one table of the Go SDK.
#[test]
fn cli_the_go_sdk_is_the_same_in_the_readme_and_in_the_book() -> Result<()> {
    let table = |file: &str| -> Result<Vec<String>> {
        let page = Page::new(file)?;
        let rows = page.prose().skip_while(|line| *line != "| the Go SDK | here |");
        let rows: Vec<String> = rows.take_while(|line| line.starts_with('|')).map(String::from).collect();
        ensure!(rows.len() > 40, "{file} has only {} rows", rows.len());
        // One of them links, each to where it is from there.
        Ok(rows.into_iter().map(|row| row.split("](").next().unwrap_or_default().into()).collect())
    };
    assert_eq!(table("README.md")?, table("docs/src/from-go.md")?);
    Ok(())
}

/// Each plugin of the repository is in the README's table, and has its section in the book.
#[test]
fn cli_every_plugin_is_shown() -> Result<()> {
    let (readme, book) = (Page::new("README.md")?, Page::new("docs/src/sdk.md")?);
    for plugin in crate::readme::plugins()? {
        ensure!(readme.text.contains(&format!("| [{plugin}](plugins/{plugin}) |")), "the README has no {plugin}");
        ensure!(book.prose().any(|line| line == format!("## {plugin}")), "the book has no section on {plugin}");
    }
    Ok(())
}

/// The table of verbs is that of grants.
#[test]
fn cli_the_book_explains_every_verb() -> Result<()> {
    let source = read("host/core/src/grants.rs")?;
    let (_, verbs) = source.split_once("pub enum Verb {").context("no verbs")?;
    let verbs = verbs.split('}').next().unwrap_or_default().lines().map(str::trim);
    let page = read("docs/src/grants.md")?;
    for verb in verbs.filter(|line| line.ends_with(',')).map(|line| line.trim_end_matches(',').to_lowercase()) {
        ensure!(page.contains(&format!("`{verb}`")), "docs/src/grants.md does not explain {verb}");
    }
    Ok(())
}
