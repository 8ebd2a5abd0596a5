//! What a plugin says: a few short lines of each call.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use sluice_core::key::Time;
use sluice_core::redact;
use sluice_core::talk::{Heard, Talk};
use tracing::{Level, debug, enabled, error, info, warn};
use wasmtime::Result;

use crate::bindings::v0_1::sluice::plugin::log as wit;
use crate::state::{Setting, Shared, State};

/// What one plugin says, over all its calls.
#[derive(Debug)]
pub(crate) struct Voice {
    plugin: String,
    talk: Mutex<Talk>,
    began: Instant,
}

impl Voice {
    pub(crate) fn new(setting: &Setting) -> Self {
        let talk = Mutex::new(Talk::new(&setting.limits));
        Self { plugin: setting.plugin.clone(), talk, began: Instant::now() }
    }

    /// Whether a line of so many bytes may be written now.
    fn may_say(&self, bytes: usize) -> bool {
        let now = Time(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX));
        // A count is whole after every step, also when a thread that held it panicked.
        let Heard { written, left_out } = self.talk.lock().unwrap_or_else(PoisonError::into_inner).line(bytes, now);
        if let Some(left_out) = left_out {
            self.tell(left_out);
        }
        written
    }

    fn tell(&self, left_out: u64) {
        let plugin = &self.plugin;
        warn!(target: "plugin", plugin, left_out, "it says more than it may in a second; so many lines were left out");
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        let left_out = self.talk.get_mut().unwrap_or_else(PoisonError::into_inner).rest();
        if left_out > 0 {
            self.tell(left_out);
        }
    }
}

/// The log of one call.
#[derive(Debug)]
pub(crate) struct Log {
    of: Arc<Shared>,
    about: String,
    lines_left: usize,
    line_bytes: usize,
    /// What it printed and did not end with a new line yet.
    printed: String,
    /// The last line that it printed: of a panic, the message.
    last: String,
    /// Whether it was shown a Secret, and whether that has been told.
    withheld: Option<bool>,
}

/// What stands in place of what a guest says that was shown a Secret: it could spell it in any way.
pub(crate) const WITHHELD: &str = "what it says is withheld, as it was shown a Secret";

impl Log {
    /// `about`: what the call is about, such as the object's key.
    pub(crate) fn new(of: Arc<Shared>, about: String) -> Self {
        let (printed, last, withheld) = Default::default();
        let (lines_left, line_bytes) = (of.limits.log_lines, of.limits.log_bytes);
        Self { of, about, lines_left, line_bytes, printed, last, withheld }
    }

    /// It is shown a Secret: from now on nothing that it says is repeated.
    pub(crate) fn withhold(&mut self) {
        self.withheld.get_or_insert(false);
        self.last.clear();
    }

    /// Whether it was shown a Secret.
    pub(crate) fn is_withheld(&self) -> bool {
        self.withheld.is_some()
    }

    fn write(&mut self, level: wit::Level, message: &str) {
        let Some(left) = self.lines_left.checked_sub(1) else { return };
        self.lines_left = left;
        let message = match &mut self.withheld {
            Some(true) => return,
            Some(told) => {
                *told = true;
                WITHHELD.into()
            }
            None => redact::line(message, self.line_bytes),
        };
        // What nobody reads costs nothing.
        let read = match level {
            wit::Level::Debug => enabled!(target: "plugin", Level::DEBUG),
            wit::Level::Info => enabled!(target: "plugin", Level::INFO),
            wit::Level::Warn => enabled!(target: "plugin", Level::WARN),
            wit::Level::Error => enabled!(target: "plugin", Level::ERROR),
        };
        if !read || !self.of.voice.may_say(message.len()) {
            return;
        }
        let (plugin, about) = (&self.of.plugin, &self.about);
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
        if !self.is_withheld() {
            self.last = redact::line(line, self.line_bytes);
        }
        self.write(wit::Level::Debug, line);
    }

    /// The last line that it printed.
    pub(crate) fn last(&self) -> &str {
        &self.last
    }
}

impl wit::Host for State {
    fn log(&mut self, level: wit::Level, message: String) -> Result<()> {
        self.pay(message.len())?;
        self.log.write(level, &message);
        Ok(())
    }
}
