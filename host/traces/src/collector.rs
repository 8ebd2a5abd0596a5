//! One request to a collector and its answer, over TLS or without.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::Handle;
use tokio::time::timeout;
use tracing::{info, warn};

use crate::TracesError;

/// How long a request may take with its answer: OpenTelemetry's own default.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of an answer. It says how many spans were not taken, and why.
const ANSWER: usize = 64 << 10;

/// Connections, kept for a while.
#[derive(Debug)]
pub(crate) struct Collector {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    /// Who sends spans is a thread of its own.
    runtime: Handle,
    /// Whether the last request failed.
    fails: AtomicBool,
}

impl Collector {
    pub(crate) fn new() -> Result<Self, TracesError> {
        // None at all are enough for a collector without TLS.
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        // Others in the process may bring another provider along.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.map_err(|error| TracesError::Tls(error.to_string()))?.with_root_certificates(roots);
        let connector = HttpsConnectorBuilder::new().with_tls_config(config.with_no_client_auth());
        let client = Client::builder(TokioExecutor::new()).build(connector.https_or_http().enable_http1().build());
        Ok(Self { client, runtime: Handle::current(), fails: AtomicBool::new(false) })
    }

    /// Says when it begins to fail, and when that is over. Neither an address nor a header is in it.
    fn tell(&self, why: Option<&str>) {
        match (why, self.fails.swap(why.is_some(), Ordering::Relaxed)) {
            (Some(why), false) => warn!(why, "spans do not reach their collector; they are lost until they do"),
            (None, true) => info!("spans reach their collector again"),
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let answer = async move {
            let (parts, body) = client.request(request.map(Full::new)).await?.into_parts();
            let body = Limited::new(body, ANSWER).collect().await?.to_bytes();
            Ok::<_, HttpError>(Response::from_parts(parts, body))
        };
        let answer = self.runtime.spawn(async { timeout(TIMEOUT, answer).await }).await;
        let answer = answer.map_err(HttpError::from).and_then(|in_time| in_time.map_err(HttpError::from).flatten());
        match &answer {
            Ok(answer) if answer.status().is_success() => self.tell(None),
            Ok(answer) => self.tell(Some(answer.status().as_str())),
            Err(error) => self.tell(Some(&innermost(&**error))),
        }
        answer
    }
}

fn innermost(error: &(dyn Error + 'static)) -> String {
    std::iter::successors(Some(error), |&error| error.source()).last().map(ToString::to_string).unwrap_or_default()
}
