//! Where components come from, and which bytes they are.
//!
//! ```text
//! folder    *.wasm files, links followed                      --+
//! bundles   ConfigMaps, which somebody else watches             +--> Found
//! registry  images of an OCI registry, by tag or by digest    --+
//! ```
#![forbid(unsafe_code)]

pub mod bundles;
pub mod folder;
mod found;
pub mod registry;

pub use bundles::{BundleError, assemble};
pub use folder::{FolderError, Stamp, look, open_folder};
pub use found::{Found, LoadError, MAX_BYTES, Named};
pub use registry::{Access, AccessError, Reference, ReferenceError, Registry, RegistryError};
