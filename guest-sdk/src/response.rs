use serde::Serialize;
use serde_json::json;

use crate::bindings::interceptor::exports::sluice::plugin::interceptor as wit;

/// A whole response of an interceptor.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Response {
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Response {
    /// With no body yet. `status`: 200 to 599.
    pub fn new(status: u16) -> Self {
        let (headers, body) = Default::default();
        Self { status, headers, body }
    }

    /// Of JSON.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn json(status: u16, value: &impl Serialize) -> Result<Self, String> {
        let body = serde_json::to_vec(value).map_err(|error| format!("the response: {error}"))?;
        Ok(Self::new(status).header("content-type", "application/json").body(body))
    }

    /// Status 200 and an object, as an API server shows it.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn object(object: &impl Serialize) -> Result<Self, String> {
        Self::json(200, object)
    }

    /// A `Status` that says that it failed, as an API server says it. `reason`: a word for programs, such as `NotFound`.
    pub fn failure(status: u16, reason: &str, message: &str) -> Self {
        let body = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {},
            "status": "Failure", "message": message, "reason": reason, "code": status,
        });
        Self::new(status).header("content-type", "application/json").body(body.to_string())
    }

    /// And this header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With this body.
    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    pub(crate) fn into_wit(self) -> wit::Response {
        wit::Response { status: self.status, headers: self.headers, body: self.body }
    }
}
