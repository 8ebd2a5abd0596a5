//! Who answers a request, and with what.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use http::Request;
use http::request::Parts;
use hyper::body::Incoming;
use sluice_core::interception::{Nonsense, Owner, Table, shown};
use sluice_sandbox::Fault;
use tracing::field::Empty;
use tracing::{Instrument, debug, info_span, warn};

use super::reply::{Reply, refuse, send};
use super::taken::{NotTaken, asked, target, whole};
use crate::calls::Calls;
use crate::metrics::PluginMeter;
use crate::plugins::Loaded;
use crate::syncer::now;

/// How much of a path is logged, in bytes.
const SHOWN: usize = 256;

/// A plugin that answers.
pub(crate) struct Answerer {
    pub(crate) plugin: Loaded,
    pub(crate) meter: Arc<PluginMeter>,
    /// Its calls at once.
    pub(crate) calls: Arc<Calls>,
}

/// Where requests are taken in; who answers may change. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Desk(Arc<RwLock<Arc<Answerers>>>);

impl Desk {
    /// From now on it is these who answer.
    pub(crate) fn set(&self, answerers: Answerers) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(answerers);
    }

    pub(super) async fn answer(&self, request: Request<Incoming>) -> Reply {
        let answerers = Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner));
        answerers.answer(request).await
    }
}

/// All plugins, by their names, and which requests are whose.
#[derive(Default)]
pub(crate) struct Answerers {
    pub(crate) table: Arc<Table>,
    pub(crate) plugins: BTreeMap<String, Answerer>,
}

/// Why a guest has no answer. Its words are left out: they may hold what it was sent.
#[derive(Debug, thiserror::Error)]
enum NoAnswer {
    #[error("{}", said(.0))]
    Fault(Fault),
    #[error(transparent)]
    Nonsense(#[from] Nonsense),
    #[error("it answers with what is no response")]
    Other(#[from] http::Error),
}

/// Of a trap there is also the last line that the guest printed, which its log shows at level debug.
fn said(fault: &Fault) -> String {
    match fault {
        Fault::Trap(_) => "it trapped".into(),
        fault => fault.to_string(),
    }
}

impl NoAnswer {
    /// A word for counters.
    fn reason(&self) -> &'static str {
        match self {
            Self::Fault(fault) => fault.reason(),
            Self::Nonsense(_) | Self::Other(_) => "nonsense",
        }
    }

    fn status(&self) -> u16 {
        match self {
            Self::Fault(Fault::Busy(_)) => 503,
            _ => 500,
        }
    }
}

impl Answerers {
    /// The answer to a request, whatever it is.
    async fn answer(&self, request: Request<Incoming>) -> Reply {
        let (parts, body) = request.into_parts();
        let refused = |not_taken: NotTaken| {
            debug!(method = %parts.method, path = path(&parts), "not taken: {not_taken}");
            refuse(not_taken.status(), &not_taken.to_string())
        };
        let asked = match asked(&parts) {
            Ok(asked) => asked,
            Err(not_taken) => return refused(not_taken),
        };
        let Some(owner) = self.table.find(&asked) else {
            let (method, path) = (&parts.method, parts.uri.path());
            let message = format!("no interceptor answers {method} {path}, and nothing is forwarded to an API server");
            return refuse(404, &message);
        };
        // The table has interceptors of these plugins alone.
        let Some(answerer) = self.plugins.get(&owner.plugin) else { return refuse(404, "no such plugin") };
        match whole(body).await {
            Ok(body) => answerer.answer(owner, &parts, body).await,
            Err(not_taken) => refused(not_taken),
        }
    }
}

impl Answerer {
    async fn answer(&self, owner: &Owner, parts: &Parts, body: Vec<u8>) -> Reply {
        let Owner { plugin, interceptor } = owner;
        let span = info_span!(
            "intercept",
            otel.kind = "server",
            sluice.plugin = plugin,
            sluice.interceptor = interceptor,
            http.request.method = %parts.method,
            url.path = path(parts),
            http.response.status_code = Empty,
        );
        let answered = self.ask(interceptor, parts, body).instrument(span.clone()).await;
        let reply = answered.unwrap_or_else(|why| {
            self.meter.failure(why.reason());
            let (method, reason) = (&parts.method, why.reason());
            warn!(plugin, interceptor, %method, path = path(parts), reason, "no answer: {why}");
            refuse(why.status(), &format!("the interceptor {interceptor:?} of plugin {plugin} failed: {why}"))
        });
        span.record("http.response.status_code", reply.status().as_u16());
        reply
    }

    async fn ask(&self, interceptor: &str, parts: &Parts, body: Vec<u8>) -> Result<Reply, NoAnswer> {
        let headers: Vec<_> = parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let headers = shown(&headers);
        let (method, path) = (parts.method.to_string(), target(parts).to_owned());
        let (guest, meter, interceptor) = (self.plugin.plugin.clone(), Arc::clone(&self.meter), interceptor.to_owned());
        let called = self.calls.run(move || {
            let (interceptor, calling) = (&interceptor, meter.call("handle"));
            let reply =
                guest.intercept(sluice_sandbox::Request { interceptor, method, path, headers, body, now: now() });
            calling.ended(reply.cost);
            reply.result
        });
        let response = called.await.and_then(|answer| answer).map_err(NoAnswer::Fault)?;
        Ok(send(response.check()?)?)
    }
}

/// What of a path is logged: never the query.
fn path(parts: &Parts) -> &str {
    let path = parts.uri.path();
    &path[..path.floor_char_boundary(SHOWN)]
}
