//! From the API server's answer to what came of a write.

use std::str;
use std::sync::Arc;

use http::header::RETRY_AFTER;
use kube::client::Body;
use kube::core::Status;
use sluice_core::object::Object;
use sluice_core::write::{Write, WriteError, Written};

use crate::cluster::Cluster;

/// How long to wait when the API server is too busy to say: one second, as it says itself.
const BUSY_SECONDS: u64 = 1;

/// An answer as it came. kube's typed errors lose the header with which a busy server says how long to wait.
pub(super) struct Answer {
    code: u16,
    retry_after: Option<u64>,
    body: Vec<u8>,
}

impl Answer {
    /// Sends a request and waits for all of its answer.
    pub(super) async fn to(cluster: &Cluster, request: http::Request<Vec<u8>>) -> kube::Result<Self> {
        let response = cluster.client.send(request.map(Body::from)).await?;
        let header = response.headers().get(RETRY_AFTER).and_then(|seconds| seconds.to_str().ok());
        let (code, retry_after) = (response.status().as_u16(), header.and_then(|seconds| seconds.parse().ok()));
        Ok(Self { code, retry_after, body: response.into_body().collect_bytes().await?.into() })
    }

    /// What it says about this write.
    pub(super) fn about(&self, write: &Write) -> Result<Written, WriteError> {
        if (200..300).contains(&self.code) {
            return self.stored(write);
        }
        let status: Option<Status> = serde_json::from_slice(&self.body).ok();
        let details = status.as_ref().and_then(|status| status.details.as_ref());
        let asked = details.map(|details| u64::from(details.retry_after_seconds)).filter(|&seconds| seconds > 0);
        let wait = self.retry_after.or(asked);
        let throttled = |seconds: u64| WriteError::Throttled(seconds.saturating_mul(1000));
        Err(match (write, self.code) {
            (Write::Delete { .. }, 404) => return Ok(Written::Deleted),
            (Write::Patch { .. }, 404) | (Write::Patch { .. } | Write::Delete { .. }, 409) => WriteError::Stale,
            // It is by force, so only a race is left: with another write, or with one that made it too.
            (Write::Apply { .. }, 409) => WriteError::Stale,
            (Write::Create { .. }, 409) if status.as_ref().is_some_and(Status::is_already_exists) => WriteError::Exists,
            // Two requests raced for a quota; nothing is wrong with this one.
            (Write::Create { .. }, 409) => WriteError::Unavailable(self.words(status)),
            (_, 429) => throttled(wait.unwrap_or(BUSY_SECONDS)),
            // The credentials are being renewed, or the request was too slow: no fault of the object's.
            (_, 401 | 408) => WriteError::Unavailable(self.words(status)),
            (_, 400..500) => WriteError::Rejected(self.words(status)),
            _ => wait.map_or_else(|| WriteError::Unavailable(self.words(status)), throttled),
        })
    }

    fn stored(&self, write: &Write) -> Result<Written, WriteError> {
        // A Status, or the object as it was or is on its way out.
        if let Write::Delete { .. } = write {
            return Ok(Written::Deleted);
        }
        let text = str::from_utf8(&self.body).map(str::trim_end).map_err(|error| error.to_string());
        let object = text.and_then(|text| Object::parse(&write.target().gvk, text).map_err(|error| error.to_string()));
        let object = object.map_err(|error| WriteError::Unavailable(format!("the API server's answer: {error}")))?;
        Ok(Written::Stored(Arc::new(object)))
    }

    /// The API server's own words.
    fn words(&self, status: Option<Status>) -> String {
        match status {
            Some(status) if !status.message.is_empty() => status.message,
            _ => format!("HTTP status {}: {}", self.code, String::from_utf8_lossy(&self.body).trim()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use sluice_core::key::{Gvk, Key, Side, Target};
    use sluice_core::write::Read;

    use super::*;

    fn writes() -> [Write; 4] {
        let target =
            Target { side: Side::Virtual, gvk: Gvk::new("", "v1", "ConfigMap"), key: Key::namespaced("n", "a") };
        let read = Read { uid: "u".into(), version: "7".into() };
        [
            Write::Create { target: target.clone(), body: Value::Null },
            Write::Patch {
                target: target.clone(),
                read: read.clone(),
                patch: Value::Null,
                desired: Value::Null,
                status: false,
            },
            Write::Apply { target: target.clone(), body: Value::Null, manager: "m".into() },
            Write::Delete { target, read },
        ]
    }

    fn outcomes(code: u16, retry_after: Option<u64>, body: &Value) -> [Result<Written, WriteError>; 4] {
        let answer = Answer { code, retry_after, body: body.to_string().into_bytes() };
        writes().map(|write| answer.about(&write))
    }

    fn errors(code: u16, retry_after: Option<u64>, body: &Value) -> [Option<WriteError>; 4] {
        outcomes(code, retry_after, body).map(Result::err)
    }

    #[test]
    fn what_was_written_is_taken_in() {
        let object = json!({"kind": "ConfigMap", "metadata": {"name": "a", "namespace": "n", "resourceVersion": "8"}});
        let [created, patched, applied, deleted] = outcomes(201, None, &object).map(Result::unwrap);
        for written in [created, patched, applied] {
            let Written::Stored(object) = written else { panic!("not stored") };
            assert_eq!((object.version.as_str(), &object.key), ("8", &Key::namespaced("n", "a")));
        }
        assert!(matches!(deleted, Written::Deleted));
    }

    #[test]
    fn conflicts_are_told_apart() {
        let exists = json!({"kind": "Status", "status": "Failure", "reason": "AlreadyExists", "message": "m"});
        let changed = json!({"kind": "Status", "status": "Failure", "reason": "Conflict", "message": "m"});
        let stale = Some(WriteError::Stale);
        assert_eq!(errors(409, None, &exists)[0], Some(WriteError::Exists));
        let raced = Some(WriteError::Unavailable("m".into()));
        assert_eq!(errors(409, None, &changed), [raced, stale.clone(), stale.clone(), stale.clone()]);
        let gone = Some(WriteError::Rejected("m".into()));
        assert_eq!(errors(404, None, &changed), [gone.clone(), stale, gone, None]);
    }

    #[test]
    fn waits_are_honoured_from_header_and_body() {
        let status = json!({"kind": "Status", "message": "m", "details": {"retryAfterSeconds": 3}});
        let throttled = |milliseconds| [0; 4].map(|_| Some(WriteError::Throttled(milliseconds)));
        assert_eq!(errors(429, Some(2), &json!("busy")), throttled(2000));
        assert_eq!(errors(429, None, &json!("busy")), throttled(1000));
        assert_eq!(errors(429, None, &status), throttled(3000));
        assert_eq!(errors(503, None, &status), throttled(3000));
        assert_eq!(errors(504, Some(1), &status), throttled(1000));
    }

    #[test]
    fn refusals_carry_the_servers_words() {
        let status = json!({"kind": "Status", "message": "m"});
        let all = |error: WriteError| [0; 4].map(|_| Some(error.clone()));
        assert_eq!(errors(422, None, &status), all(WriteError::Rejected("m".into())));
        assert_eq!(errors(403, None, &json!("no")), all(WriteError::Rejected("HTTP status 403: \"no\"".into())));
        assert_eq!(errors(500, None, &status), all(WriteError::Unavailable("m".into())));
        assert_eq!(errors(401, None, &status), all(WriteError::Unavailable("m".into())));
    }
}
