//! A last will: what must happen when this process is gone, however it went.
//!
//! A destructor does not run when a process is killed, nor for a static. So a tiny shell waits for the end of a pipe
//! that only we hold open: the kernel closes it for us in every case.

use std::{
    ffi::OsStr,
    io::{self, Write},
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
};

/// Runs a shell command once this process has ended; dropped before that, it does nothing.
#[derive(Debug)]
pub struct Guard(Child);

impl Guard {
    /// `will` is the shell command; it finds `arg` in `$1`.
    ///
    /// # Errors
    /// When no shell can be started.
    pub fn new(will: &str, arg: impl AsRef<OsStr>) -> io::Result<Self> {
        let shell = Command::new("sh")
            .args(["-c", &format!("read line || {{ {will}; }}"), "sh"])
            .arg(arg)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0) // Ctrl-C is for us; the shell has to outlive it.
            .spawn()?;
        Ok(Self(shell))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // A line, rather than the pipe's end, tells the shell that nothing is left to do.
        if let Some(mut pipe) = self.0.stdin.take() {
            pipe.write_all(b"\n").ok();
        }
        self.0.wait().ok();
    }
}
