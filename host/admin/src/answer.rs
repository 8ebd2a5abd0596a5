//! What is answered to which request.

use std::fmt::Write;

use http_body_util::Full;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use hyper::{Method, Request, StatusCode};

use crate::http::Reply;
use crate::seen::{Check, Seen};

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";
const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The answer to a request, whatever it is. Its body and headers are not looked at.
pub(crate) fn answer<B>(seen: &dyn Seen, request: &Request<B>) -> Reply {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut refused = reply(StatusCode::METHOD_NOT_ALLOWED, TEXT, "nothing can be changed here\n".into());
        refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refused;
    }
    let verbose = request.uri().query().is_some_and(is_verbose);
    match request.uri().path() {
        "/livez" => checked("livez", &seen.live(), verbose),
        "/readyz" => checked("readyz", &seen.ready(), verbose),
        "/metrics" => reply(StatusCode::OK, METRICS, seen.metrics()),
        "/debug/state.json" => match serde_json::to_string_pretty(&seen.state()) {
            Ok(state) => reply(StatusCode::OK, JSON, state + "\n"),
            Err(error) => reply(StatusCode::INTERNAL_SERVER_ERROR, TEXT, format!("{error}\n")),
        },
        _ => reply(
            StatusCode::NOT_FOUND,
            TEXT,
            "there are /livez, /readyz (both with ?verbose), /metrics and /debug/state.json\n".into(),
        ),
    }
}

/// As an API server takes it: by its name alone, or with any value.
fn is_verbose(query: &str) -> bool {
    query.split('&').any(|part| part.split('=').next() == Some("verbose"))
}

/// As an API server says it: `ok`, or check by check.
fn checked(name: &str, checks: &[Check], verbose: bool) -> Reply {
    let passed = checks.iter().all(|check| check.said.is_ok());
    if passed && !verbose {
        return reply(StatusCode::OK, TEXT, "ok".into());
    }
    let mut text = String::new();
    for Check { name, said } in checks {
        let (sign, word, more) = match said {
            Ok(more) => ('+', "ok", more),
            Err(why) => ('-', "failed", why),
        };
        let colon = if more.is_empty() { "" } else { ": " };
        // Writing to a text does not fail.
        let _ = writeln!(text, "[{sign}]{name} {word}{colon}{more}");
    }
    let (status, word) = if passed { (StatusCode::OK, "passed") } else { (StatusCode::SERVICE_UNAVAILABLE, "failed") };
    reply(status, TEXT, format!("{text}{name} check {word}\n"))
}

fn reply(status: StatusCode, content_type: &'static str, body: String) -> Reply {
    let mut reply = Reply::new(Full::from(body));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    reply
}

#[cfg(test)]
mod tests;
