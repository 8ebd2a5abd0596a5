//! The command line: what the real binary prints, and how it says that something is wrong.

mod access;
mod files;
mod help;
mod inspect;
mod run;
mod translate;
mod translate_errors;
mod translate_plugin;

use anyhow::{Context, Result};
use sluice_tests::artifacts;
use std::{
    ffi::OsStr,
    io::Write,
    process::{Command, Stdio},
    thread,
};

/// What a command came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// It printed this and nothing else.
    pub(crate) fn printed(stdout: &str) -> Self {
        Self { code: 0, stdout: stdout.into(), stderr: String::new() }
    }

    /// It said this and did nothing.
    pub(crate) fn failed(message: &str) -> Self {
        Self { code: 1, stdout: String::new(), stderr: format!("error: {message}\n") }
    }
}

/// Runs `sluice` with these arguments.
pub(crate) fn sluice<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Result<Ran> {
    sluice_fed(args, "")
}

/// The same with something on its standard input.
pub(crate) fn sluice_fed<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>, input: &str) -> Result<Ran> {
    let mut command = Command::new(artifacts::sluice()?);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let (mut stdin, input) = (child.stdin.take().context("no standard input")?, input.to_owned());
    // In a thread of its own: whoever does not read it must not block us. It may be gone before it read anything.
    let fed = thread::spawn(move || stdin.write_all(input.as_bytes()).is_ok());
    let output = child.wait_with_output()?;
    fed.join().ok();
    Ok(Ran {
        code: output.status.code().context("it was killed")?,
        stdout: String::from_utf8(output.stdout)?,
        stderr: String::from_utf8(output.stderr)?,
    })
}
