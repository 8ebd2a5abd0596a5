//! A collector of spans: OpenTelemetry's own receiver, which prints what it gets.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sluice_tests::{artifacts, eventually, folder::Folder, plane::free_port, process::Process};
use std::{
    fs::{self, File},
    net::TcpStream,
    process::Command,
};

/// Where one may be.
pub(crate) struct Collector {
    port: u16,
    folder: Folder,
    process: Option<Process>,
}

/// A span.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    pub(crate) id: String,
    pub(crate) parent: String,
    pub(crate) name: String,
    /// Whether it is marked as one that failed.
    pub(crate) failed: bool,
    /// By name.
    pub(crate) attributes: Value,
    /// Of whom it is, by name.
    pub(crate) resource: Value,
}

impl Collector {
    /// One that is not there yet.
    pub(crate) fn absent() -> Result<Self> {
        Ok(Self { port: free_port()?, folder: Folder::new("sluice-collector-")?, process: None })
    }

    pub(crate) async fn start(&mut self) -> Result<()> {
        let output = File::create(self.folder.path().join("spans"))?;
        let mut command = Command::new(artifacts::tool("collector")?);
        command.arg(format!("127.0.0.1:{}", self.port)).stdout(output);
        self.process = Some(Process::start(&mut command)?);
        eventually("the collector listens", async || TcpStream::connect(("127.0.0.1", self.port)).is_ok()).await
    }

    /// What sends a runtime's spans here, without delay.
    pub(crate) fn variables(&self) -> [(&'static str, String); 2] {
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://127.0.0.1:{}", self.port)),
            ("OTEL_BSP_SCHEDULE_DELAY", "50".into()),
        ]
    }

    /// All that it got, as it was sent.
    pub(crate) fn text(&self) -> Result<String> {
        Ok(fs::read_to_string(self.folder.path().join("spans"))?)
    }

    pub(crate) fn spans(&self) -> Result<Vec<Span>> {
        let text = self.text()?;
        // The last line may still be in the making.
        let batches = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        let mut spans = vec![];
        for batch in batches {
            let batch: Value = serde_json::from_str(batch)?;
            for of_one in list(&batch["resourceSpans"]) {
                let resource = attributes(&of_one["resource"]["attributes"])?;
                let all = list(&of_one["scopeSpans"]).iter().flat_map(|scope| list(&scope["spans"]));
                for span in all {
                    spans.push(Span::of(span, resource.clone())?);
                }
            }
        }
        Ok(spans)
    }

    /// Waits for a span that is like this.
    pub(crate) async fn sees(&self, what: &str, is_it: impl Fn(&Span) -> bool) -> Result<Span> {
        eventually(what, async || Ok::<_, anyhow::Error>(self.spans()?.into_iter().find(&is_it))).await
    }
}

impl Span {
    pub(crate) fn is(&self, name: &str, attribute: &str, value: &str) -> bool {
        self.name == name && self.attributes[attribute] == value
    }

    fn of(span: &Value, resource: Value) -> Result<Self> {
        let text = |key: &str| span[key].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            id: text("spanId"),
            parent: text("parentSpanId"),
            name: text("name"),
            failed: span["status"]["code"] == 2,
            attributes: attributes(&span["attributes"])?,
            resource,
        })
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// `[{"key":"a","value":{"stringValue":"b"}}]` is `{"a":"b"}`.
fn attributes(pairs: &Value) -> Result<Value> {
    let mut all = json!({});
    for pair in list(pairs) {
        let value = pair["value"].as_object().and_then(|value| value.values().next()).context("no value")?;
        all[pair["key"].as_str().context("no key")?] = value.clone();
    }
    Ok(all)
}
