//! `sluice plugin inspect`: what a component is and what it cannot do.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sluice_core::registration::Registration;
use sluice_core::schema::Schema;
use sluice_core::translate::Translator;
use sluice_sandbox::{Component, Linked, Plugin, Sandbox, Setting};

use super::COMPILER;
use super::output::{self, Format};

/// Prints what a component exports, imports and registers.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sluice plugin inspect configmaps.wasm
  sluice plugin inspect configmaps.wasm -o json
  sluice plugin inspect custom-resources.wasm --config sluice.yaml")]
pub(super) struct Inspect {
    /// The component
    #[arg(value_name = "FILE.wasm")]
    file: PathBuf,
    /// The config that it registers with, where what it registers follows from that
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print it for programs
    #[arg(short, long, value_enum)]
    output: Option<Format>,
}

impl Inspect {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let file = || self.file.display().to_string();
        let bytes = super::wasm::read(&self.file)?;
        let sandbox = Sandbox::new(COMPILER)?;
        let component = Component::new(&sandbox, &bytes).with_context(file)?;
        // A plugin registers the same whatever virtual cluster it runs for; this name is a placeholder for it.
        let translator = Arc::new(Translator::new(NAMESPACE, NAMESPACE)?);
        let plugin = super::wasm::plugin(&self.file);
        let given = super::config::read(self.config.as_deref())?.plugins.remove(&plugin).unwrap_or_default();
        let config = given.value();
        let limits = given.limits.limits(&plugin)?;
        let setting = Setting { plugin, translator, config: config.to_string(), limits };
        let (schema, registered) = match Linked::new(&sandbox, &component, setting) {
            Ok(linked) => (linked.config_schema().ok(), linked.register()),
            Err(error) => (None, Err(error)),
        };
        let schema = schema.and_then(|schema| Schema::parse(&schema).ok());
        // What it registers may follow from a config that only the operator knows.
        let open = self.config.is_none()
            && schema.as_ref().is_some_and(|schema| schema.check(&config).is_ok_and(|problems| !problems.is_empty()));
        let seen = Seen {
            file: file(),
            bytes: bytes.len(),
            digest: Sha256::digest(&bytes).iter().fold("sha256:".into(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            }),
            component: &component,
            registration: registered.as_ref().ok().map(Plugin::registration),
            schema: schema.as_ref().map(Schema::json),
            open,
        };
        match self.output {
            Some(format) => output::print(&[seen.value()], format)?,
            None => output::say(&seen.text()),
        }
        if open { Ok(()) } else { registered.map(drop).with_context(file) }
    }
}

/// Stands for whatever virtual cluster and target namespace it will run for.
const NAMESPACE: &str = "inspect";

struct Seen<'a> {
    file: String,
    bytes: usize,
    digest: String,
    component: &'a Component,
    registration: Option<&'a Registration>,
    schema: Option<&'a Value>,
    /// Whether it takes a config to say what it registers.
    open: bool,
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
            "asks": self.registration.map(Registration::asks),
            "configSchema": self.schema,
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
        if let Some(registration) = self.registration {
            let Registration { name, version, description, syncers, .. } = registration;
            let about = [name, version, description].map(String::as_str).join(" ");
            let syncers = syncers
                .iter()
                .map(|syncer| format!("syncer {} of {}, which copies {}", syncer.name, syncer.kind, syncer.direction));
            let hooks = registration.hooks.iter().map(|hook| {
                let operations: Vec<_> = hook.operations.iter().map(|operation| format!("{operation:?}")).collect();
                format!("hook {} on {} of {} {}", hook.name, operations.join(", ").to_lowercase(), hook.side, hook.kind)
            });
            let interceptors = registration.interceptors.iter().map(|interceptor| {
                let rules: Vec<_> = interceptor.rules.iter().map(ToString::to_string).collect();
                format!("interceptor {}, which answers {}", interceptor.name, rules.join("; "))
            });
            let about = std::iter::once(about.trim().to_owned());
            list("registers", &mut about.chain(syncers).chain(hooks).chain(interceptors));
            let rules = registration.interceptors.iter().flat_map(|interceptor| &interceptor.rules);
            let asks = registration.asks().into_iter().map(|ask| ask.to_string());
            list("asks to", &mut asks.chain(rules.map(|rule| format!("answer {rule}"))));
        }
        if self.open {
            list("registers", &mut std::iter::once("what its config says: show it with --config FILE".to_owned()));
        }
        list("takes in its config", &mut keys(self.schema).into_iter());
        let Component { exports, imports, .. } = self.component;
        let forbidden = self.component.forbidden();
        let offered = imports.iter().filter(|import| !forbidden.contains(import)).cloned();
        let (start, asked): (Vec<_>, Vec<_>) = offered.partition(|import| import.starts_with("wasi:"));
        list("exports", &mut exports.iter().cloned());
        list("imports", &mut asked.into_iter());
        list("imports that are answered with nothing", &mut start.into_iter());
        list("imports that no plugin is given", &mut forbidden.into_iter());
        if self.registration.is_some() || self.open {
            list("cannot", &mut CANNOT.into_iter().map(Into::into));
        }
        text
    }
}

/// The keys of a config, each with its type and what it is for.
fn keys(schema: Option<&Value>) -> Vec<String> {
    let properties = schema.and_then(|schema| schema["properties"].as_object());
    let about = |(key, schema): (&String, &Value)| {
        let kind = schema["type"].as_str().map(|kind| format!(" ({kind})")).unwrap_or_default();
        let what = schema["description"].as_str().and_then(|text| text.lines().next());
        format!("{key}{kind}{}", what.map(|what| format!(": {what}")).unwrap_or_default())
    };
    properties.into_iter().flatten().map(about).collect()
}

/// What no component that is let in can do: none of it is linked.
const CANNOT: [&str; 4] = [
    "open a connection, a file or a program",
    "see the environment, the clock or a source of randomness",
    "read objects but those of the pair that it is called for, and of its watches",
    "write: it answers with what should be, and the runtime decides",
];
