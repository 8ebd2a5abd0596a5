//! The port: it takes connections, and bounds how many, how long and how large.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use sluice_admin::http::{Beyond, Bounds, Port};
use tokio::sync::watch as signal;
use tracing::info;

use super::answer::Desk;
use super::taken::TAKEN_WITHIN;

/// What one connection, and all of them, may take.
const BOUNDS: Bounds = Bounds {
    connections: 64,
    // Whoever is answered here has nobody else to ask.
    beyond: Beyond::Waits,
    head: 64 << 10,
    taken_within: TAKEN_WITHIN,
    kept: Duration::from_secs(60),
    drain: Duration::from_secs(10),
};

/// A port that is open, and not served yet.
#[derive(Debug)]
pub struct Door(Port);

/// The port cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("interceptors cannot listen at {address}: {error}; name another address with --interceptors")]
pub struct DoorError {
    address: SocketAddr,
    error: io::Error,
}

impl Door {
    /// Opens it. Port 0 is one that is free; which one is logged.
    pub async fn open(address: SocketAddr) -> Result<Self, DoorError> {
        let opened = async {
            let port = Port::open(address).await?;
            info!(address = %port.address()?, "interceptors listen");
            Ok(Self(port))
        };
        opened.await.map_err(|error| DoorError { address, error })
    }

    /// Serves it until told to stop; then what is under way is finished.
    pub(crate) async fn serve(self, desk: Desk, stop: signal::Receiver<bool>) {
        let answer = move |request| {
            let desk = desk.clone();
            async move { desk.answer(request).await }
        };
        self.0.serve("the interceptors", BOUNDS, answer, stop).await;
    }
}
