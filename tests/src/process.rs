//! A program that we start and that ends with us.

use crate::{guard::Guard, wait::eventually};
use anyhow::{Context, Result, ensure};
use std::{
    fs, mem,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
};

/// A child process, killed when this is dropped and when our own process ends.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    guard: Option<Guard>,
}

impl Process {
    /// Starts a program; where its output goes is the caller's choice.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child =
            command.stdin(Stdio::null()).process_group(0).spawn().with_context(|| format!("cannot start {name}"))?;
        let guard = Guard::new("kill -9 \"$1\"", child.id().to_string()).inspect_err(|_| {
            child.kill().ok();
        })?;
        Ok(Self { name, child, guard: Some(guard) })
    }

    /// The process's number, for instance to read its memory and CPU from `/proc`.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How the program ended, if it has.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Sends a signal, such as `TERM` or `STOP`.
    ///
    /// # Errors
    /// When the program has ended already.
    pub fn signal(&mut self, signal: &str) -> Result<()> {
        // Until its status is fetched the number is still its own, so the signal cannot reach a stranger.
        ensure!(self.ended()?.is_none(), "{} has ended already", self.name);
        let sent = Command::new("kill").args([&format!("-{signal}"), &self.id().to_string()]).status()?;
        ensure!(sent.success(), "cannot send {signal} to {}", self.name);
        Ok(())
    }

    /// Asks the program to end, and waits until it has.
    ///
    /// # Errors
    /// When it has ended already, or does not end in a minute.
    pub async fn terminate(&mut self) -> Result<ExitStatus> {
        self.signal("TERM")?;
        eventually(&format!("{} ends after SIGTERM", self.name), async || self.ended().ok().flatten()).await
    }

    /// Ends the program at once, without asking.
    pub fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }

    /// Lets the program outlive us.
    pub fn leave(mut self) {
        drop(self.guard.take());
        mem::forget(self);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The last lines of a program's log, for an error message.
pub(crate) fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
