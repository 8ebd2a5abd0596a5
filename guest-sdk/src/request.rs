use serde::de::DeserializeOwned;

use crate::bindings::interceptor::exports::sluice::plugin::interceptor as wit;

/// A whole request that an interceptor is to answer. Whose it is is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// As it was sent: `GET`.
    pub method: String,
    /// As it was sent, without the query: `/api/v1/namespaces/a/pods`.
    pub path: String,
    /// What follows the `?`; empty if nothing does.
    pub query: String,
    /// All of it; at most 3 MiB.
    pub body: Vec<u8>,
    headers: Vec<(String, Vec<u8>)>,
}

impl Request {
    pub(crate) fn new(request: wit::Request) -> Self {
        let wit::Request { method, path, headers, body, .. } = request;
        let (path, query) = path.split_once('?').unwrap_or((&path, ""));
        Self { method, path: path.into(), query: query.into(), body, headers }
    }

    /// The first header of this name, if it is text. Credentials, and what says who somebody is, do not get here.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name))?;
        str::from_utf8(value).ok()
    }

    /// The names and values of all headers, in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers.iter().map(|(name, value)| (&**name, &**value))
    }

    /// The body, read as JSON.
    ///
    /// # Errors
    /// It is none, or another than was expected.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_slice(&self.body).map_err(|error| format!("the body: {error}"))
    }
}
