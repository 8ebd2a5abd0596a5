//! What was done, as spans, for an OpenTelemetry collector: which piece of work waited for what, for how long.
//!
//! Where to send them, and how many, stands in the environment, in OpenTelemetry's own variables; without
//! `OTEL_EXPORTER_OTLP_ENDPOINT` nothing is made or sent. A span holds names and a few words, never what an object holds or
//! what a plugin says: log lines are not sent.
#![forbid(unsafe_code)]

mod collector;
mod wanted;

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Subscriber, warn};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

use collector::Collector;

/// How long the last spans may take at the end.
const LAST: Duration = Duration::from_secs(3);
/// What this is called where the environment does not say.
const SERVICE: &str = "sluice";

/// The way to a collector.
pub struct Traces(SdkTracerProvider);

/// Why spans cannot be sent as the environment says.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// It wants a protocol that is not spoken here.
    #[error("{variable} is {protocol:?}; this speaks http/protobuf, which collectors take at port 4318: leave it out")]
    Protocol {
        /// Its name.
        variable: &'static str,
        /// What it holds.
        protocol: String,
    },
    /// TLS cannot be set up.
    #[error("cannot set up TLS for the collector of spans: {0}")]
    Tls(String),
    /// Something else does not fit.
    #[error("cannot send spans as the variables OTEL_EXPORTER_OTLP_* say: {0}")]
    Exporter(String),
}

impl Traces {
    /// The collector that the environment names, if it names one. `version`: of the program. Needs a tokio runtime, of
    /// whose threads it has to be told the end.
    ///
    /// # Errors
    /// The environment says what cannot be done.
    pub fn open(version: &'static str) -> Result<Option<Self>, TracesError> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        if !wanted::by(variable)? {
            return Ok(None);
        }
        let exporter = SpanExporter::builder().with_http().with_http_client(Collector::new()?);
        let exporter = exporter.with_protocol(Protocol::HttpBinary).build();
        let exporter = exporter.map_err(|error| TracesError::Exporter(error.to_string()))?;
        let resource = Resource::builder().with_attribute(KeyValue::new("service.version", version));
        let resource = if wanted::is_named(variable) { resource } else { resource.with_service_name(SERVICE) };
        let provider =
            SdkTracerProvider::builder().with_resource(resource.build()).with_batch_exporter(exporter).build();
        Ok(Some(Self(provider)))
    }

    /// What takes the spans, and nothing else, of this program's own crates.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let layer = tracing_opentelemetry::layer().with_tracer(self.0.tracer(SERVICE));
        // Where a span is in the code, and on which thread, says nothing to whom it is for.
        let layer = layer.with_location(false).with_threads(false).with_target(false).with_level(false);
        let layer = layer.with_tracked_inactivity(false);
        layer.with_filter(filter_fn(|metadata| metadata.is_span() && metadata.target().starts_with("sluice")))
    }

    /// Sends what is left.
    pub async fn end(self) {
        // It waits for what this runtime does.
        let ended = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(LAST)).await;
        if !matches!(ended, Ok(Ok(()))) {
            warn!("the last spans did not reach the collector");
        }
    }
}
