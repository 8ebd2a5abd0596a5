//! How the writes of one plugin are sent: at its pace, timed, and traced.

use std::sync::Arc;
use std::time::Instant;

use sluice_cluster::Writer;
use sluice_core::write::{Write, WriteError, Written};
use tracing::field::Empty;
use tracing::{Instrument, info_span};

use crate::metrics::PluginMeter;
use crate::pace::Pace;

/// Of one plugin, whatever they are for.
pub(crate) struct Sender {
    pub(crate) writer: Writer,
    pub(crate) pace: Pace,
    pub(crate) meter: Arc<PluginMeter>,
}

impl Sender {
    /// Waits until the next write may be sent.
    pub(crate) async fn turn(&self) {
        self.pace.turn().instrument(info_span!("turn")).await;
    }

    /// Sends one whose turn it is.
    ///
    /// # Errors
    /// It did not happen, or nobody knows whether it did.
    pub(crate) async fn send(&self, write: &Write) -> Result<Written, WriteError> {
        let (verb, target) = (write.verb(), write.target());
        let span = info_span!(
            "write",
            otel.name = format!("{verb} {}", target.gvk.kind),
            otel.kind = "client",
            sluice.side = %target.side,
            sluice.verb = verb,
            sluice.kind = %target.gvk,
            sluice.object = %target.key,
            otel.status_code = Empty,
            sluice.reason = Empty,
        );
        let began = Instant::now();
        let written = self.writer.write(write).instrument(span.clone()).await;
        self.meter.answered(target.side, began.elapsed(), &written);
        if let Err(error) = &written {
            span.record("otel.status_code", "ERROR").record("sluice.reason", error.reason());
        }
        written
    }
}
