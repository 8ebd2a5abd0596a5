//! What a plugin says: a few short lines of each call.

use tracing::{debug, error, info, warn};
use wasmtime::Result;

use crate::bindings::v0_1::sluice::plugin::log as wit;
use crate::state::{Setting, State};

/// The log of one call.
#[derive(Debug)]
pub(crate) struct Log {
    plugin: String,
    about: String,
    lines_left: usize,
    line_bytes: usize,
    /// What it printed and did not end with a new line yet.
    printed: String,
    /// The last line that it printed: of a panic, the message.
    last: String,
}

impl Log {
    /// `about`: what the call is about, such as the object's key.
    pub(crate) fn new(setting: &Setting, about: String) -> Self {
        let (printed, last) = Default::default();
        let limits = &setting.limits;
        let plugin = setting.plugin.clone();
        Self { plugin, about, lines_left: limits.log_lines, line_bytes: limits.log_bytes, printed, last }
    }

    fn write(&mut self, level: wit::Level, message: &str) {
        let Some(left) = self.lines_left.checked_sub(1) else { return };
        self.lines_left = left;
        let message = clean(message, self.line_bytes);
        let (plugin, about) = (&self.plugin, &self.about);
        match level {
            wit::Level::Debug => debug!(target: "plugin", plugin, about, "{message}"),
            wit::Level::Info => info!(target: "plugin", plugin, about, "{message}"),
            wit::Level::Warn => warn!(target: "plugin", plugin, about, "{message}"),
            wit::Level::Error => error!(target: "plugin", plugin, about, "{message}"),
        }
        if left == 0 {
            warn!(target: "plugin", plugin, about, "it says more than it may in one call; the rest is left out");
        }
    }

    /// Standard output and error: whole lines go to the log.
    pub(crate) fn print(&mut self, bytes: &[u8]) {
        for piece in String::from_utf8_lossy(bytes).split_inclusive('\n') {
            // What of a line would not be shown is not kept either.
            let room = self.line_bytes.saturating_sub(self.printed.len());
            self.printed.push_str(&piece[..piece.floor_char_boundary(room)]);
            if piece.ends_with('\n') {
                let line = std::mem::take(&mut self.printed);
                self.print_line(line.trim());
            }
        }
    }

    fn print_line(&mut self, line: &str) {
        // What a panic of Rust's ends with is no use here: its message is the line before.
        if line.is_empty() || line.starts_with("note: run with `RUST_BACKTRACE=1`") {
            return;
        }
        self.last = clean(line, self.line_bytes);
        self.write(wit::Level::Debug, line);
    }

    /// The last line that it printed.
    pub(crate) fn last(&self) -> &str {
        &self.last
    }
}

/// One line without control characters, at most `limit` bytes.
fn clean(message: &str, limit: usize) -> String {
    let shown = message[..message.floor_char_boundary(limit)].chars();
    shown.map(|char| if char.is_control() { ' ' } else { char }).collect()
}

impl wit::Host for State {
    fn log(&mut self, level: wit::Level, message: String) -> Result<()> {
        self.pay(message.len())?;
        self.log.write(level, &message);
        Ok(())
    }
}
