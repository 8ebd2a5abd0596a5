//! The plugin that makes the copies: loaded as it would be at a virtual cluster, whatever it is granted and pinned to.

use std::io::{IsTerminal, stderr};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use sluice_core::translate::Translator;
use sluice_engine::plugins::Registered;
use sluice_loader::Found;
use sluice_sandbox::{Plugin, Sandbox};
use tracing::Level;

use crate::cli::{COMPILER, config, log, wasm};

/// Loads the component of a file, with what the file `given` says to the plugin of that name. What it says itself goes to
/// standard error from now on.
///
/// # Errors
/// One of the files cannot be read, the component is no plugin, or what is said to it does not fit.
pub(super) fn load(file: &Path, given: Option<&Path>, translator: Arc<Translator>) -> anyhow::Result<Plugin> {
    let origin = || file.display().to_string();
    let (bytes, name) = (wasm::read(file)?, wasm::plugin(file));
    let mut given = config::read(given)?.plugins.remove(&name).unwrap_or_default();
    let lines = tracing_subscriber::fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal());
    log::begin(lines.without_time().with_target(false), Level::INFO, None);
    // Nothing is written, and the next version is to be compared with this one.
    given.digest = None;
    let found = Found::new(name, origin(), bytes);
    Ok(Registered::new(&Sandbox::new(COMPILER)?, &found, given, &translator).with_context(origin)?.plugin)
}
