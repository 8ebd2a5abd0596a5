//! Health, metrics and state, over HTTP: what operators, probes and Prometheus see of the runtime.
//!
//! ```text
//! GET /livez             the process answers
//! GET /readyz            every syncer is in step, or says why it need not be; with ?verbose each by itself
//! GET /metrics           OpenMetrics text
//! GET /debug/state.json  plugins and syncers, typed by `state`
//! ```
//!
//! Nothing can be changed here, and nothing is shown that an object, a Secret or a config holds: who reads it need not
//! prove anything. [`Seen`] is what is shown, whoever has it; [`Admin`] is the port; `answer` says what is answered to
//! which request; [`http`] takes connections and bounds them, here and wherever else this process serves HTTP.
#![forbid(unsafe_code)]

mod answer;
pub mod http;
mod seen;
pub mod state;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch as signal;
use tracing::info;

use crate::http::{Beyond, Bounds, Port};
pub use seen::{Check, Seen};

/// What one connection, and all of them, may take.
const BOUNDS: Bounds = Bounds {
    // A probe and two scrapers take three.
    connections: 32,
    // A probe that is kept waiting restarts the process, so nobody can make it wait.
    beyond: Beyond::EndsOldest,
    head: 8 << 10,
    taken_within: Duration::from_secs(5),
    kept: Duration::from_secs(120),
    drain: Duration::from_secs(2),
};

/// A port that is open, and not served yet.
#[derive(Debug)]
pub struct Admin(Port);

/// The port cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("health and metrics cannot be served at {address}: {error}; name another address with --admin")]
pub struct AdminError {
    address: SocketAddr,
    error: io::Error,
}

impl Admin {
    /// Opens it. Port 0 is one that is free; which one is logged.
    ///
    /// # Errors
    /// The address is taken, or not ours to take.
    pub async fn open(address: SocketAddr) -> Result<Self, AdminError> {
        let opened = async {
            let port = Port::open(address).await?;
            info!(address = %port.address()?, "health and metrics are served");
            Ok(Self(port))
        };
        opened.await.map_err(|error| AdminError { address, error })
    }

    /// Serves it until told to stop.
    pub async fn serve(self, seen: Arc<dyn Seen>, stop: signal::Receiver<bool>) {
        let answer = move |request: hyper::Request<_>| std::future::ready(answer::answer(&*seen, &request));
        self.0.serve("health and metrics", BOUNDS, answer, stop).await;
    }
}
