//! A component, wherever it came from.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::bundles::BundleError;
use crate::folder::FolderError;
use crate::registry::{AccessError, ReferenceError, RegistryError};

/// How large a component may be: 64 MiB. A Rust plugin has about 500 KB, one that brings a Python or
/// JavaScript interpreter up to 40 MB. What is larger is most likely no plugin, and would cost minutes to compile.
pub const MAX_BYTES: u64 = 64 << 20;

/// A component that was read.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// The plugin's name, a DNS label: its file's with hyphens for underscores, its label's, or the config's.
    pub name: String,
    /// Where it was found, as messages name it: a file, a ConfigMap, an image.
    pub origin: String,
    /// The component, at most [`MAX_BYTES`].
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes, 64 hex digits in lower case.
    pub digest: String,
}

/// Without the bytes.
impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} from {}, sha256:{}", self.name, self.origin, self.digest)
    }
}

impl Found {
    /// These bytes, under a name and from a place.
    pub fn new(name: String, origin: String, bytes: Vec<u8>) -> Self {
        Self { name, origin, digest: digest(&bytes), bytes }
    }
}

/// A plugin's name, and the plugin or why there is none: one that is wrong hides no other.
pub type Named = (String, Result<Found, LoadError>);

/// Why a source does not give a plugin. Every text names the place and the way out.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A folder, or a file in it.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The ConfigMaps of one plugin.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// What should name an image does not.
    #[error("image: {0}")]
    Reference(#[from] ReferenceError),
    /// No registry can be reached as the config says.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// An image.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// An image that is on its way.
    #[error("image {0} is still being pulled; its plugin runs when it is here")]
    Underway(String),
    /// What was told before, of what was not tried again since.
    #[error(transparent)]
    Before(Arc<LoadError>),
}

/// SHA-256, 64 hex digits in lower case.
pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// Whether these are 64 hex digits in lower case.
pub(crate) fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether it is an RFC 1123 label, which every plugin's name is.
pub(crate) fn is_label(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// Whether it begins as a component does. What it is beyond that, the sandbox says.
pub(crate) fn is_component(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\0asm\x0d\0\x01\0")
}
