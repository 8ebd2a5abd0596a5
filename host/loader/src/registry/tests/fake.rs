//! A registry that does what a real one would not: its answers are the test's.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use http::{Request, Response};
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// An answer: status, headers, and a body or one that never ends.
#[derive(Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<Vec<u8>>,
}

pub(super) fn reply(body: &[u8]) -> Reply {
    Reply { status: 200, headers: vec![], body: Some(body.into()) }
}

impl Reply {
    pub(super) fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn endless(self) -> Self {
        Self { body: None, ..self }
    }
}

/// What was asked of it: method and path, and what it was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) line: String,
    pub(super) shown: Option<String>,
}

type Answers = Arc<Mutex<BTreeMap<String, Vec<(Option<&'static str>, Reply)>>>>;

/// The registry. What it has no answer for it does not have.
#[derive(Clone)]
pub(super) struct Fake {
    pub(super) at: SocketAddr,
    answers: Answers,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Fake {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let fake = Self { at, answers: Arc::default(), asked: Arc::default() };
        let server = fake.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = server.clone();
                let service = service_fn(move |request| {
                    let reply = server.reply(&request);
                    async move { Ok::<_, Infallible>(reply) }
                });
                let connection =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(connection);
            }
        });
        fake
    }

    /// `line` is method and path. `shown`: the answer only for what is shown exactly this.
    pub(super) fn answers(&self, line: &str, shown: Option<&'static str>, reply: Reply) {
        let mut answers = self.answers.lock().unwrap();
        let given = answers.entry(line.into()).or_default();
        given.retain(|(other, _)| *other != shown);
        given.push((shown, reply));
        // What asks for more comes first.
        given.sort_by_key(|(shown, _)| shown.is_none());
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    fn reply(&self, request: &Request<Incoming>) -> Response<Sent> {
        let line = format!("{} {}", request.method(), request.uri());
        let shown = request.headers().get("authorization").map(|value| value.to_str().unwrap().to_owned());
        self.asked.lock().unwrap().push(Asked { line: line.clone(), shown: shown.clone() });
        let answers = self.answers.lock().unwrap();
        let fits = |(wanted, _): &&(Option<&str>, _)| wanted.is_none() || *wanted == shown.as_deref();
        let reply = answers.get(&line).and_then(|given| given.iter().find(fits)).map(|(_, reply)| reply.clone());
        let reply = reply.unwrap_or_else(|| super::reply(br#"{"errors": [{"code": "UNKNOWN"}]}"#).status(404));
        let mut response = Response::builder().status(reply.status);
        for (name, value) in &reply.headers {
            response = response.header(*name, value);
        }
        response.body(Sent(reply.body.map_or(Left::Endless, |body| Left::Some(body.into())))).unwrap()
    }
}

struct Sent(Left);

enum Left {
    Some(Bytes),
    Nothing,
    Endless,
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = match std::mem::replace(&mut self.0, Left::Nothing) {
            Left::Some(data) => data,
            Left::Nothing => return Poll::Ready(None),
            Left::Endless => {
                self.0 = Left::Endless;
                Bytes::from_static(&[b' '; 64 << 10])
            }
        };
        Poll::Ready(Some(Ok(Frame::data(data))))
    }
}
