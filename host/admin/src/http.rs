//! A port: it takes connections, and bounds how many, how long and how large.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::watch as signal;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;
use tracing::{debug, warn};

/// How long to wait after the system had no connection to give, as for lack of file descriptors.
const REFUSED: Duration = Duration::from_millis(100);

/// A whole answer.
pub type Reply = Response<Full<Bytes>>;

/// What clients may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Connections at once.
    pub connections: usize,
    /// What becomes of one more.
    pub beyond: Beyond,
    /// How large the first line and the headers of a request may be together, in bytes.
    pub head: usize,
    /// How long the head of a request may take to arrive, also on a connection that is kept for a next one, and how long
    /// what is under way may take once a connection is not kept any more.
    pub taken_within: Duration,
    /// How long a connection is kept for further requests. Who sends or takes nothing cannot hold a place for longer than
    /// this and `taken_within`.
    pub kept: Duration,
    /// How long what is under way may take when the port is closed.
    pub drain: Duration,
}

/// What becomes of a connection that is one too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// It waits until another ends.
    Waits,
    /// The one that has been there for longest ends.
    EndsOldest,
}

/// A port that is open, and not served yet.
#[derive(Debug)]
pub struct Port(TcpListener);

impl Port {
    /// Opens it. Port 0 is one that is free.
    ///
    /// # Errors
    /// What the system says.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        Ok(Self(TcpListener::bind(address).await?))
    }

    /// Where it is.
    ///
    /// # Errors
    /// What the system says.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Answers what comes until told to stop; then what is under way is finished. `what`: its name in the log.
    pub async fn serve<A, F>(self, what: &'static str, bounds: Bounds, answer: A, stop: signal::Receiver<bool>)
    where
        A: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
        F: Future<Output = Reply> + Send + 'static,
    {
        let mut guests = Guests::default();
        let taking = async {
            loop {
                if bounds.beyond == Beyond::Waits {
                    guests.wait(bounds.connections).await;
                }
                match self.0.accept().await {
                    Ok((stream, _)) => {
                        guests.make_room(bounds.connections);
                        guests.take(connection(stream, what, bounds, answer.clone(), stop.clone()));
                    }
                    Err(error) => {
                        warn!(%error, "the port of {what} takes no connection; it is tried again");
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
        guests.wait(1).await;
    }
}

/// The connections that there are.
#[derive(Default)]
struct Guests {
    all: JoinSet<()>,
    /// In the order in which they came; some have ended since.
    handles: VecDeque<AbortHandle>,
}

impl Guests {
    fn take(&mut self, connection: impl Future<Output = ()> + Send + 'static) {
        let handle = self.all.spawn(connection);
        self.handles.push_back(handle);
    }

    /// Waits until there are fewer than this.
    async fn wait(&mut self, many: usize) {
        while self.all.len() >= many && self.all.join_next().await.is_some() {}
    }

    /// Ends the oldest if there are this many.
    fn make_room(&mut self, many: usize) {
        while self.all.try_join_next().is_some() {}
        self.handles.retain(|handle| !handle.is_finished());
        if self.handles.len() >= many {
            self.handles.pop_front().inspect(AbortHandle::abort);
        }
    }
}

/// What a connection is made of.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// One connection, until it ends, has been kept long enough, or is not wanted any more.
async fn connection<A, F>(stream: impl Stream, what: &str, bounds: Bounds, answer: A, mut stop: signal::Receiver<bool>)
where
    A: Fn(Request<Incoming>) -> F,
    F: Future<Output = Reply>,
{
    let Bounds { head, taken_within, kept, drain, .. } = bounds;
    let service = service_fn(move |request| {
        let reply = answer(request);
        async { Ok::<_, Infallible>(reply.await) }
    });
    let mut http = http1::Builder::new();
    // Who waits for a next request waits for its head, so this ends idle connections too.
    http.timer(TokioTimer::new()).header_read_timeout(taken_within).max_header_size(head);
    let mut served = pin!(http.serve_connection(TokioIo::new(stream), service));
    // What goes wrong with a connection is its client's business.
    let told = |ended: hyper::Result<()>| {
        if let Err(error) = ended {
            debug!(%error, "a connection to {what} ended early");
        }
    };
    tokio::select! {
        ended = &mut served => return told(ended),
        () = sleep(kept) => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
    served.as_mut().graceful_shutdown();
    let stopped = async {
        drop(stop.wait_for(|stop| *stop).await);
        sleep(drain).await;
    };
    tokio::select! {
        ended = served => told(ended),
        () = sleep(taken_within) => {}
        () = stopped => {}
    }
}

#[cfg(test)]
mod tests;
