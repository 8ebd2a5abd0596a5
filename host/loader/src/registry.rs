//! Plugins in registries of images: one component, in the layout that the CNCF has for WebAssembly.
//!
//! ```text
//! Reference --> Access::places() --> Client --> manifest --> layer --> Found
//!               mirrors, then          |           |           +- size, digest
//!               where it says          |           +- digest, signature
//!                                      +- proxy, TLS, password or token, redirects, bounds
//! ```
//!
//! A registry is believed nothing: what it answers is bounded before it is read, and compared with its digest after.

mod access;
mod auth;
mod challenge;
mod client;
mod connection;
mod error;
mod manifest;
mod proxy;
mod pull;
mod push;
mod reference;
mod request;
mod route;
#[cfg(any(test, feature = "cosign"))]
mod signature;

pub use access::{Access, AccessError};
pub use error::{Problem, RegistryError};
pub use pull::Pulled;
pub use push::Component;
pub use reference::{Reference, ReferenceError};

use client::Client;

/// All registries, reached as [`Access`] says. Connections and tokens are kept.
#[derive(Debug)]
pub struct Registry {
    client: Client,
}

impl Registry {
    /// Reaches nobody yet.
    ///
    /// # Errors
    /// TLS cannot be set up with what the config says.
    pub fn new(access: Access) -> Result<Self, AccessError> {
        Ok(Self { client: Client::new(access)? })
    }
}

#[cfg(test)]
mod tests;
