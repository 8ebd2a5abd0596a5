//! Log lines that get through vCluster.
//!
//! vCluster reads what its plugins write to standard error line by line. What is JSON in the manner of hclog keeps its
//! level and its fields; all else it takes for debugging and drops, as it does lines of more than 64 KiB.

use std::fmt;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// How long the message, and any field, may be, in bytes before JSON escapes what it must, which at worst makes six of
/// one.
const TEXT: usize = 4 << 10;
/// How long a line may be, in bytes. vCluster's own limit is 64 KiB, including what it adds.
const LINE: usize = 48 << 10;

/// Writes events as hclog does: `{"@level":"info","@message":"...","@module":"...","@timestamp":"...","field":...}`.
///
/// vCluster drops what is below `info`. Whoever let such a line come so far wants to see it: it is written as `info`,
/// with its own level in the field `level`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hclog;

impl<S, N> FormatEvent<S, N> for Hclog
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut line = Line::default();
        event.record(&mut line);
        let metadata = event.metadata();
        let level = match *metadata.level() {
            Level::ERROR => "error",
            Level::WARN => "warn",
            Level::INFO => "info",
            lower => {
                line.set("level", lower.as_str().to_ascii_lowercase());
                "info"
            }
        };
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let head =
            [("@level", level), ("@message", &line.message), ("@module", metadata.target()), ("@timestamp", &time)];
        let mut text = json(&head, line.fields);
        if text.len() > LINE {
            text = json(&head, Map::from_iter([("fields".into(), "left out: too long".into())]));
        }
        writeln!(writer, "{text}")
    }
}

/// What an event says.
#[derive(Default)]
struct Line {
    message: String,
    fields: Map<String, Value>,
}

impl Line {
    fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.fields.insert(name.into(), value.into());
    }
}

impl Visit for Line {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.message = cut(value),
            name => self.set(name, cut(value)),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

/// At most [`TEXT`] bytes of it.
fn cut(text: &str) -> String {
    match text.len() {
        0..=TEXT => text.into(),
        _ => format!("{}...", &text[..text.floor_char_boundary(TEXT)]),
    }
}

/// One JSON object. go-plugin brings vCluster down over a head that is no text: nothing of an event can replace it.
fn json(head: &[(&str, &str)], mut fields: Map<String, Value>) -> String {
    fields.extend(head.iter().map(|(key, text)| ((*key).to_owned(), Value::from(*text))));
    Value::from(fields).to_string()
}

#[cfg(test)]
mod tests;
