//! Commands that are shown can be given.

use super::{Page, root};
use anyhow::{Context, Result, ensure};
use sluice_tests::{artifacts, folder::Folder};
use std::path::Path;
use std::process::{Command, Stdio};

/// What clap ends with if a command cannot be given like that.
const USAGE: i32 = 2;

/// The binary understands every command of its own: with `--help` at its end it shows its help, and without, in an empty
/// folder, it misses a file and nothing else. What names a registry is given one more file that is missing, so that
/// nobody is asked.
#[test]
fn cli_every_command_of_the_book_can_be_given() -> Result<()> {
    let nowhere = Folder::new("sluice-book-")?;
    let mut given = 0;
    for (page, line) in lines()? {
        for command in commands(&line) {
            let help = run(&format!("{command} --help"), nowhere.path())?;
            ensure!(help.0 == Some(0), "{page}: {command}\n{}", help.1);
            let absent = ["push", "pull"].iter().any(|word| command.contains(&format!("plugin {word} ")));
            let command = if absent { format!("{command} --config nowhere.yaml") } else { command };
            let (code, said) = run(&command, nowhere.path())?;
            ensure!(code.is_some_and(|code| code != USAGE), "{page}: {command}\n{said}");
            given += 1;
        }
    }
    ensure!(given >= 20, "only {given} commands");
    Ok(())
}

/// What commands and words name of this repository is in it.
#[test]
fn cli_what_the_book_names_of_the_repository_is_there() -> Result<()> {
    let mut named = 0;
    for page in Page::all()? {
        let words = page.text.split(|char: char| char.is_whitespace() || "`()[]|,;:".contains(char));
        for word in words.map(|word| word.trim_end_matches(['.', '/'])) {
            let first = word.split('/').next().unwrap_or_default();
            let ours = ["deploy", "docs", "wit", "host", "guest-sdk", "tests", "xtask", "fuzz"].contains(&first);
            if ours && word.contains('/') && !word.contains(['*', '<', '{']) {
                ensure!(root().join(word).exists(), "{}: {word} is not there", page.file);
                named += 1;
            }
        }
    }
    ensure!(named >= 20, "only {named} files");
    Ok(())
}

/// The lines of shell of all pages, each with its page; one that ends with a backslash or a pipe goes on.
fn lines() -> Result<Vec<(String, String)>> {
    let mut lines = vec![];
    for page in Page::all()? {
        for block in page.blocks().into_iter().filter(|block| block.language == "sh") {
            let text = block.text.replace("\\\n", " ").replace("|\n", "| ");
            lines.extend(text.lines().map(|line| (page.file.clone(), line.to_owned())));
        }
    }
    Ok(lines)
}

/// Those of a line that are `sluice`'s, each by itself: without where its output goes.
fn commands(line: &str) -> impl Iterator<Item = String> {
    let line = line.split(" #").next().unwrap_or_default();
    let commands = line.split('|').map(|command| command.split(" > ").next().unwrap_or_default().trim());
    commands.filter(|command| command.starts_with("sluice ")).map(String::from)
}

/// How it ended, and what it said.
fn run(command: &str, folder: &Path) -> Result<(Option<i32>, String)> {
    let program = artifacts::sluice()?;
    let command = command.replacen("sluice", &program.display().to_string(), 1);
    let output = Command::new("sh").args(["-c", &command]).current_dir(folder).stdin(Stdio::null()).output();
    let output = output.with_context(|| command.clone())?;
    Ok((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()))
}
