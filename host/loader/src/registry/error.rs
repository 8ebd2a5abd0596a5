//! Why an image is not had, and the way out.

use std::fmt;

use super::access::AccessError;
use crate::found::MAX_BYTES;

/// Why an image is not had. One problem for each place where it was looked for: mirrors, and where its name says.
#[derive(Debug)]
pub struct RegistryError {
    /// The image, as it was asked for.
    pub image: String,
    /// Where it was looked for, without tag and digest, and what was wrong there; at least one.
    pub tried: Vec<(String, Problem)>,
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "image {}: ", self.image)?;
        for (index, (place, problem)) in self.tried.iter().enumerate() {
            let apart = if index > 0 { "; " } else { "" };
            match self.tried.len() {
                1 => write!(f, "{problem}")?,
                _ => write!(f, "{apart}at {place}: {problem}")?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for RegistryError {}

/// What is wrong at one place.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Nothing can be called so.
    #[error("{0:?} is no plugin's name; use lower-case letters, digits and hyphens within, at most 63")]
    Name(String),
    /// No connection, or none that lasts.
    #[error("no answer from {host}: {why}")]
    NoAnswer {
        /// Whom we asked.
        host: String,
        /// What the system says.
        why: String,
    },
    /// TLS fails.
    #[error("{host} is not trusted: {why}; name its authority's certificate: registries.ca, or --ca")]
    Untrusted {
        /// Whom we asked.
        host: String,
        /// What TLS says.
        why: String,
    },
    /// There is no TLS.
    #[error(
        "{host} does not speak TLS; if it is meant to be spoken to without, list it: registries.insecure, or --insecure"
    )]
    NoTls {
        /// Whom we asked.
        host: String,
    },
    /// It wants to know us, and does not.
    #[error("{host} does not let us in (401); {way_out}")]
    NotLetIn {
        /// Whom we asked.
        host: String,
        /// What to do.
        way_out: String,
    },
    /// It knows us, and does not let us.
    #[error("{host} does not allow it (403{})", told(said))]
    NotAllowed {
        /// Whom we asked.
        host: String,
        /// What it says.
        said: String,
    },
    /// It is not there.
    #[error("{host} has no such {what} (404{}); is the name right, and was it pushed?", told(said))]
    Missing {
        /// Whom we asked.
        host: String,
        /// Manifest, layer or repository.
        what: &'static str,
        /// What it says.
        said: String,
    },
    /// It answers with something else.
    #[error("{host} answers {code}{}", told(said))]
    Status {
        /// Whom we asked.
        host: String,
        /// The HTTP status.
        code: u16,
        /// What it says.
        said: String,
    },
    /// It sends us where we do not go.
    #[error("{host} sends us to {to:?} without TLS, and we do not go there; let it send us where there is")]
    Sent {
        /// Whom we asked.
        host: String,
        /// Where to: the host.
        to: String,
    },
    /// It does not keep to the protocol.
    #[error("{host} does not answer as a registry does: {why}")]
    Nonsense {
        /// Whom we asked.
        host: String,
        /// What is wrong.
        why: String,
    },
    /// The bytes are others.
    #[error(
        "the {what} from {host} is {found}, and it was to be {wanted}: it was changed on its way, or in the registry"
    )]
    Other {
        /// Whom we asked.
        host: String,
        /// Manifest or layer.
        what: &'static str,
        /// The digest that it was to have.
        wanted: String,
        /// The digest that it has.
        found: String,
    },
    /// It is an image of something else.
    #[error("it is no plugin: {0}; push plugins with `sluice plugin push FILE.wasm IMAGE`")]
    NoPlugin(String),
    /// It is larger than [`MAX_BYTES`].
    #[error(
        "larger than {} MiB, which no plugin needs to be; build it with `--release` and stripped",
        MAX_BYTES >> 20
    )]
    TooLarge,
    /// It cannot be pushed there.
    #[error("cannot be pushed by a digest, which follows from its content; name a tag and no digest")]
    PushedByDigest,
    /// Nobody whom we trust signed it.
    #[error("{0}; sign it with a key of registries.cosignKeys: `cosign sign --key cosign.key IMAGE`")]
    NotSigned(String),
    /// What the config says cannot be done any more.
    #[error(transparent)]
    Access(#[from] AccessError),
}

fn told(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

pub(super) fn nonsense(host: &str, why: String) -> Problem {
    Problem::Nonsense { host: host.into(), why }
}
