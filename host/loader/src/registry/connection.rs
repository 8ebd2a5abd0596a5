//! One request and its whole answer, over TLS or without.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use http::header::{HeaderValue, PROXY_AUTHORIZATION, USER_AGENT};
use http::uri::Scheme;
use http::{HeaderMap, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;

use super::access::AccessError;
use super::error::{Problem, nonsense};
use super::proxy::Proxies;
use super::request::{Answer, Ask, host};
use super::route::Route;

/// How long a connection may take.
pub(super) const CONNECT: Duration = Duration::from_secs(10);
/// How long it may be silent while it answers.
const SILENCE: Duration = Duration::from_secs(30);
/// Bytes that are read of an answer that is an error.
const SAID: u64 = 16 << 10;

/// Connections, kept for a while.
pub(super) struct Connection {
    client: Client<HttpsConnector<Route>, Full<Bytes>>,
    proxies: Arc<Proxies>,
}

impl Connection {
    pub(super) fn new(roots: RootCertStore, proxies: Arc<Proxies>) -> Result<Self, AccessError> {
        // Others in the process may bring another provider along.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let tls = tls.map_err(|error| AccessError::Tls(error.to_string()))?;
        let tls = tls.with_root_certificates(roots).with_no_client_auth();
        let route = Route::new(tls.clone(), proxies.clone());
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1();
        let client = Client::builder(TokioExecutor::new()).build(connector.wrap_connector(route));
        Ok(Self { client, proxies })
    }

    /// One request and its whole answer.
    pub(super) async fn send(&self, uri: &Uri, ask: &Ask<'_>, mut headers: HeaderMap) -> Result<Answer, Problem> {
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("sluice/", env!("CARGO_PKG_VERSION"))));
        // Within TLS a proxy sees none of this; it was shown what it wants before.
        let proxy = self.proxies.of(uri).filter(|_| uri.scheme() == Some(&Scheme::HTTP));
        headers.extend(proxy.as_ref().and_then(|proxy| Some((PROXY_AUTHORIZATION, proxy.shown.clone()?))));
        let mut request = Request::new(Full::new(ask.body.clone()));
        (*request.method_mut(), *request.uri_mut(), *request.headers_mut()) =
            (ask.method.clone(), uri.clone(), headers);
        let answer = self.client.request(request).await.map_err(|error| no_answer(uri, &error))?;
        let (parts, body) = answer.into_parts();
        if let Some(proxy) = proxy.filter(|_| parts.status == StatusCode::PROXY_AUTHENTICATION_REQUIRED) {
            return Err(Problem::NoAnswer {
                host: host(uri),
                why: proxy.dead_end("it wants other credentials").to_string(),
            });
        }
        let limit = if parts.status.is_success() { ask.limit } else { SAID };
        let body = read(body, limit, parts.status.is_success()).await.map_err(|why| match why {
            Some(why) => Problem::NoAnswer { host: host(uri), why },
            None => nonsense(&host(uri), format!("its {} has more than {limit} bytes", ask.what)),
        })?;
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }
}

/// A body of at most so many bytes. Of an error's the rest is left; else it is an error, with nothing to say of it.
async fn read(mut body: Incoming, limit: u64, whole: bool) -> Result<Vec<u8>, Option<String>> {
    let mut bytes = Vec::new();
    loop {
        let frame = timeout(SILENCE, body.frame()).await.map_err(|_| Some("it fell silent".to_owned()))?;
        let Some(frame) = frame else { return Ok(bytes) };
        let frame = frame.map_err(|error| Some(innermost(&error)))?;
        bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
        if bytes.len() as u64 > limit {
            return if whole { Err(None) } else { Ok(bytes) };
        }
    }
}

fn no_answer(uri: &Uri, error: &(dyn Error + 'static)) -> Problem {
    let (host, why) = (host(uri), innermost(error));
    let tls = causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>());
    match tls {
        Some(rustls::Error::InvalidMessage(_)) => Problem::NoTls { host },
        Some(rustls::Error::InvalidCertificate(_)) => Problem::Untrusted { host, why },
        _ => Problem::NoAnswer { host, why },
    }
}

pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

/// An error and its causes, the innermost last. `io::Error` hides what it wraps from `source`.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        wrapped.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source())
    })
}
