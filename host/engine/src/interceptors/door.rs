//! The port: it takes connections, and bounds how many, how long and how large.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch as signal};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::{debug, info, warn};

use super::answer::Answerers;
use super::taken::TAKEN_WITHIN;

/// Connections at once. The next ones wait until one ends.
const CONNECTIONS: usize = 64;
/// How long one is kept for further requests. Who sends or takes nothing cannot hold a place for longer than this and
/// what a request may take.
const KEPT: Duration = Duration::from_secs(60);
/// How long what is under way may take when the runtime stops.
const DRAIN: Duration = Duration::from_secs(10);
/// How large the first line and the headers of a request may be together, in bytes.
const HEAD: usize = 64 << 10;
/// How long to wait after the system had no connection to give, as for lack of file descriptors.
const REFUSED: Duration = Duration::from_millis(100);

/// A port that is open, and not served yet.
#[derive(Debug)]
pub struct Door(TcpListener);

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
            let listener = TcpListener::bind(address).await?;
            info!(address = %listener.local_addr()?, "interceptors listen");
            Ok(Self(listener))
        };
        opened.await.map_err(|error| DoorError { address, error })
    }

    /// Serves it until told to stop; then what is under way is finished.
    pub(crate) async fn serve(self, answerers: Arc<Answerers>, stop: signal::Receiver<bool>) {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let mut connections = JoinSet::new();
        let taking = async {
            loop {
                // The semaphore is never closed.
                let place = Arc::clone(&places).acquire_owned().await;
                match self.0.accept().await {
                    Ok((stream, _)) => {
                        let (answerers, stop) = (Arc::clone(&answerers), stop.clone());
                        connections.spawn(async move {
                            connection(stream, answerers, stop).await;
                            drop(place);
                        });
                        while connections.try_join_next().is_some() {}
                    }
                    Err(error) => {
                        warn!(%error, "the port of the interceptors takes no connection; it is tried again");
                        sleep(REFUSED).await;
                    }
                }
            }
        };
        let mut stopped = stop.clone();
        tokio::select! {
            () = taking => {}
            _ = stopped.wait_for(|stop| *stop) => {}
        }
        drop(self.0);
        while connections.join_next().await.is_some() {}
    }
}

/// What a connection is made of.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// One connection, until it ends, has been kept long enough, or is not wanted any more.
async fn connection(stream: impl Stream, answerers: Arc<Answerers>, mut stop: signal::Receiver<bool>) {
    let service = service_fn(move |request| {
        let answerers = Arc::clone(&answerers);
        async move { Ok::<_, Infallible>(answerers.answer(request).await) }
    });
    let mut http = http1::Builder::new();
    // Who waits for a next request waits for its head, so this ends idle connections too.
    http.timer(TokioTimer::new()).header_read_timeout(TAKEN_WITHIN).max_header_size(HEAD);
    let mut served = pin!(http.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        ended = &mut served => return told(ended),
        () = sleep(KEPT) => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
    served.as_mut().graceful_shutdown();
    let stopped = async {
        drop(stop.wait_for(|stop| *stop).await);
        sleep(DRAIN).await;
    };
    tokio::select! {
        ended = served => told(ended),
        () = sleep(TAKEN_WITHIN) => {}
        () = stopped => {}
    }
}

/// What goes wrong with a connection is its client's business.
fn told(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        debug!(%error, "a connection to the interceptors ended early");
    }
}

#[cfg(test)]
mod tests;
