//! `sluice plugin inspect`: what a component is and what it cannot do.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use clap::Args;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sluice_core::limits::Limits;
use sluice_core::registration::Registration;
use sluice_core::translate::Translator;
use sluice_sandbox::{Component, Plugin, Sandbox, Setting};

use super::COMPILER;
use super::output::{self, Format};

/// Prints what a component exports, imports and registers.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sluice plugin inspect configmaps.wasm
  sluice plugin inspect configmaps.wasm -o json")]
pub(super) struct Inspect {
    /// The component
    #[arg(value_name = "FILE.wasm")]
    file: PathBuf,
    /// Print it for programs
    #[arg(short, long, value_enum)]
    output: Option<Format>,
}

impl Inspect {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let file = || self.file.display().to_string();
        let bytes = std::fs::read(&self.file)
            .map_err(|error| anyhow!("{}: cannot be read: {error}; name a plugin's .wasm file", file()))?;
        let sandbox = Sandbox::new(COMPILER)?;
        let component = Component::new(&sandbox, &bytes).with_context(file)?;
        // A plugin registers the same whatever virtual cluster it runs for; these names are placeholders for it.
        let translator = Arc::new(Translator::new("inspect", "inspect")?);
        let plugin = self.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let setting = Setting { plugin, translator, config: "{}".into(), limits: Limits::default() };
        let registered = Plugin::load(&sandbox, &component, setting);
        let seen = Seen {
            file: file(),
            bytes: bytes.len(),
            digest: Sha256::digest(&bytes).iter().fold("sha256:".into(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            }),
            component: &component,
            registration: registered.as_ref().ok().map(Plugin::registration),
        };
        match self.output {
            Some(format) => output::print(&[seen.value()], format)?,
            None => output::say(&seen.text()),
        }
        registered.map(drop).with_context(file)
    }
}

struct Seen<'a> {
    file: String,
    bytes: usize,
    digest: String,
    component: &'a Component,
    registration: Option<&'a Registration>,
}

impl Seen<'_> {
    fn value(&self) -> Value {
        json!({
            "file": self.file,
            "bytes": self.bytes,
            "digest": self.digest,
            "exports": self.component.exports,
            "imports": self.component.imports,
            "registration": self.registration,
        })
    }

    fn text(&self) -> String {
        let mut text = format!("{} ({} KB)\n{}\n", self.file, self.bytes.div_ceil(1000), self.digest);
        let mut list = |title: &str, items: &mut dyn Iterator<Item = String>| {
            let mut items = items.peekable();
            if items.peek().is_some() {
                let _ = writeln!(text, "\n{title}:");
                items.for_each(|item| text.extend(["  ", &item, "\n"]));
            }
        };
        if let Some(Registration { name, version, description, syncers }) = self.registration {
            let about = [name, version, description].map(String::as_str).join(" ");
            let syncers = syncers.iter().map(|syncer| format!("syncer {} of {}", syncer.name, syncer.kind));
            list("registers", &mut std::iter::once(about.trim().to_owned()).chain(syncers));
        }
        let Component { exports, imports, .. } = self.component;
        let forbidden = self.component.forbidden();
        let offered = imports.iter().filter(|import| !forbidden.contains(import)).cloned();
        let (start, asked): (Vec<_>, Vec<_>) = offered.partition(|import| import.starts_with("wasi:"));
        list("exports", &mut exports.iter().cloned());
        list("imports", &mut asked.into_iter());
        list("imports that are answered with nothing", &mut start.into_iter());
        list("imports that no plugin is given", &mut forbidden.into_iter());
        if self.registration.is_some() {
            list("cannot", &mut CANNOT.into_iter().map(Into::into));
        }
        text
    }
}

/// What no component that is let in can do: none of it is linked.
const CANNOT: [&str; 4] = [
    "open a connection, a file or a program",
    "see the environment, the clock or a source of randomness",
    "read objects but those of the pair that it is called for",
    "write: it answers with what should be, and the runtime decides",
];
