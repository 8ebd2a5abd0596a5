//! What a running process says of itself.

use std::io::{IsTerminal, stderr};

use clap::{Args, ValueEnum};
use sluice_traces::Traces;
use tracing::Level;
use tracing_subscriber::filter::{FilterExt, LevelFilter, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

/// Which lines, and how.
#[derive(Debug, Args)]
pub(super) struct Log {
    /// How log lines are written
    #[arg(long = "log-format", value_enum, default_value = "text")]
    format: LogFormat,
    /// Which log lines are written
    #[arg(long = "log-level", value_enum, default_value = "info")]
    level: LogLevel,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
}

/// Of libraries only what is wrong; what kube tells twice only once.
fn targets(level: Level) -> Targets {
    Targets::new()
        .with_default(Level::WARN)
        .with_target("sluice", level)
        .with_target("plugin", level)
        .with_targets(sluice_cluster::NOISY_TARGETS.map(|target| (target, LevelFilter::OFF)))
}

/// From now on `lines` gets what is logged, and a collector what is traced.
pub(super) fn begin(lines: impl Layer<Registry> + Send + Sync, level: Level, traces: Option<&Traces>) {
    // Not `is_event`: whether anybody reads what a plugin says is asked before there is an event.
    let lines = lines.with_filter(targets(level).and(filter_fn(|metadata| !metadata.is_span())));
    tracing_subscriber::registry().with(lines).with(traces.map(Traces::layer)).init();
}

impl Log {
    /// Writes to standard error from now on, and sends spans where the environment says so. Needs a tokio runtime.
    ///
    /// # Errors
    /// The environment says what cannot be done.
    pub(super) fn start(&self) -> anyhow::Result<Option<Traces>> {
        let level = match self.level {
            LogLevel::Error => Level::ERROR,
            LogLevel::Warn => Level::WARN,
            LogLevel::Info => Level::INFO,
            LogLevel::Debug => Level::DEBUG,
        };
        let layer = tracing_subscriber::fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal());
        let traces = Traces::open(env!("CARGO_PKG_VERSION"))?;
        match self.format {
            LogFormat::Text => begin(layer.with_target(false), level, traces.as_ref()),
            LogFormat::Json => begin(layer.json().flatten_event(true).with_current_span(false), level, traces.as_ref()),
        }
        Ok(traces)
    }
}
