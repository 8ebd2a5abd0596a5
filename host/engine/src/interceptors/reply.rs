//! What is sent.

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use sluice_core::interception::{self, status};

/// A whole response.
pub(crate) type Reply = Response<Full<Bytes>>;

/// A `Status` of our own.
pub(crate) fn refuse(code: u16, message: &str) -> Reply {
    let mut reply = Response::new(Full::from(status(code, message)));
    *reply.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply
}

/// What a guest answered, which has been checked.
pub(crate) fn send(response: interception::Response) -> Result<Reply, http::Error> {
    let interception::Response { status, headers, body } = response;
    let start = Response::builder().status(status);
    headers.into_iter().fold(start, |reply, (name, value)| reply.header(name, value)).body(Full::from(body))
}
