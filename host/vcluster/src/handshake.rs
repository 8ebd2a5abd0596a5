//! How vCluster and a plugin find each other: variables one way, one line on standard output the other way.

pub(crate) mod socket;

use std::ops::RangeInclusive;
use std::path::PathBuf;

pub use socket::Socket;

/// Set by vCluster for its plugins, to [`COOKIE_VALUE`]: whoever starts one by hand does not have it.
pub const COOKIE: &str = "VCLUSTER_PLUGIN";
const COOKIE_VALUE: &str = "vcluster";
/// Of the application's protocol, which is vCluster's.
const VERSION: &str = "1";

/// What vCluster says by variables before anything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// Below which the socket is made.
    folder: PathBuf,
    /// Ports to choose from, if there can be no socket.
    ports: RangeInclusive<u16>,
}

/// Why this process cannot be a plugin.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// Nobody who speaks the protocol started it.
    #[error(
        "this is a plugin of vCluster, which starts it: put it into an image as /plugin/plugin, and name that image \
         in vcluster.yaml at `plugins.NAME.image`. To run it by itself, beside a virtual cluster, give it a command; \
         `--help` lists them"
    )]
    NotStarted,
    /// It is another vCluster.
    #[error(
        "PLUGIN_PROTOCOL_VERSIONS={0:?}: this vCluster speaks none of the plugin protocols that this program does, which \
         are: {VERSION}; take a release of this program that fits it"
    )]
    Version(String),
    /// It wants TLS.
    #[error("PLUGIN_CLIENT_CERT is set, and this program speaks no TLS on the socket; start it without")]
    Tls,
    /// A variable says nothing usable.
    #[error("{0}={1:?} is no port; leave it out, or give one")]
    Port(&'static str, String),
}

impl Handshake {
    /// From variables.
    ///
    /// # Errors
    /// They do not say that vCluster started us, or ask for what is not spoken here.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, HandshakeError> {
        let variable = |name| variable(name).filter(|value| !value.is_empty());
        if variable(COOKIE).as_deref() != Some(COOKIE_VALUE) {
            return Err(HandshakeError::NotStarted);
        }
        // Old ones do not say.
        if let Some(versions) = variable("PLUGIN_PROTOCOL_VERSIONS")
            && !versions.split(',').any(|version| version.trim() == VERSION)
        {
            return Err(HandshakeError::Version(versions));
        }
        if variable("PLUGIN_CLIENT_CERT").is_some() {
            return Err(HandshakeError::Tls);
        }
        let port = |name| match variable(name) {
            Some(text) => text.parse().map_err(|_| HandshakeError::Port(name, text)),
            // Any that is free.
            None => Ok(0),
        };
        let folder = variable("PLUGIN_UNIX_SOCKET_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
        Ok(Self { folder, ports: port("PLUGIN_MIN_PORT")?..=port("PLUGIN_MAX_PORT")? })
    }
}

#[cfg(test)]
mod tests;
