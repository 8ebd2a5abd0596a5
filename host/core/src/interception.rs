//! Interceptors: which API requests plugins answer in place of the virtual cluster's API server.
//!
//! [`Rule`] is what an interceptor wants, [`missing`] what of that is not granted, [`Request`] what is asked, [`Table`]
//! who answers; `headers` and [`Response`] are what reaches a guest and what leaves it, [`status`] how we say no.

mod fields;
mod granted;
mod headers;
mod request;
mod response;
mod rule;
mod status;
mod table;

pub use granted::missing;
pub use headers::shown;
pub use request::{Malformed, Request, Resource};
pub use response::{Nonsense, Response};
pub(crate) use rule::COMBINATIONS;
pub use rule::{Misfit, Rule};
pub use status::status;
pub use table::{Conflict, Owner, Table};

#[cfg(test)]
mod tests;
