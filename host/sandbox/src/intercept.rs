//! Calls of interceptors.

use sluice_core::interception::Response;
use sluice_core::key::Time;

use crate::bindings::v0_1::exports::sluice::plugin::interceptor as exports;
use crate::plugin::{Plugin, Reply, exported};
use crate::run::run;

/// How much of a path is logged, in bytes.
const SHOWN: usize = 256;

/// What an interceptor is to answer.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The interceptor's name in the registration.
    pub interceptor: &'a str,
    /// Such as GET.
    pub method: String,
    /// Path and query, as they were sent.
    pub path: String,
    /// What it is shown of them.
    pub headers: Vec<(String, Vec<u8>)>,
    /// All of it.
    pub body: Vec<u8>,
    /// The time.
    pub now: Time,
}

impl Plugin {
    /// Has an interceptor answer a request. What it answers may still be none. Blocks as [`Self::call`] does.
    pub fn intercept(&self, request: Request<'_>) -> Reply<Response> {
        let Request { interceptor, method, path, headers, body, now } = request;
        // Its log is told no query: it may hold what is not for logs.
        let shown = path.split('?').next().unwrap_or_default();
        let about = format!("{method} {}", &shown[..shown.floor_char_boundary(SHOWN)]);
        let (result, cost) = run(&self.pre, &self.setting, now, about, |store, instance| {
            let guest = exported(&self.exports.interceptor)?.load(&mut *store, instance)?;
            let request = exports::Request { interceptor: interceptor.into(), method, path, headers, body };
            guest.call_handle(store, &request)
        });
        let response = |exports::Response { status, headers, body }| Response { status, headers, body };
        Reply { result: result.map(response), cost }
    }
}
