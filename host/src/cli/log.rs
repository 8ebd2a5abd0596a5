//! What a running process says of itself.

use std::io::{IsTerminal, stderr};

use clap::{Args, ValueEnum};
use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

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
pub(super) fn targets(level: Level) -> Targets {
    Targets::new()
        .with_default(Level::WARN)
        .with_target("sluice", level)
        .with_target("plugin", level)
        .with_targets(sluice_cluster::NOISY_TARGETS.map(|target| (target, LevelFilter::OFF)))
}

impl Log {
    /// Writes to standard error from now on.
    pub(super) fn start(&self) {
        let level = match self.level {
            LogLevel::Error => Level::ERROR,
            LogLevel::Warn => Level::WARN,
            LogLevel::Info => Level::INFO,
            LogLevel::Debug => Level::DEBUG,
        };
        let layer = tracing_subscriber::fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal());
        let registry = tracing_subscriber::registry().with(targets(level));
        match self.format {
            LogFormat::Text => registry.with(layer.with_target(false)).init(),
            LogFormat::Json => registry.with(layer.json().flatten_event(true).with_current_span(false)).init(),
        }
    }
}
