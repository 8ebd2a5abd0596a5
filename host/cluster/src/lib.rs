//! Both API servers. kube lives here and nowhere else; what leaves this crate are the types of `sluice-core`.
//!
//! ```text
//! Cluster --> Resource --> watch() --> sluice_core::watch::WatchEvent
//!    |           |
//!    |           +-------> Writer <-- sluice_core::write::Write
//!    |                       ^
//!    +--> Lease --> Claim ---+
//!    +--> Reporter                    Kubernetes Events
//!    +--> crd::keep()                 CustomResourceDefinitions that the other side lacks
//!    +--> Record                      what is remembered from run to run
//! ```
//!
//! Read [`connect`] and [`resource`] first, then [`mod@watch`], [`mod@write`] and [`lease`].
#![forbid(unsafe_code)]

pub mod bundles;
pub mod cluster;
pub mod connect;
pub mod crd;
pub mod events;
mod failure;
pub mod lease;
mod list;
mod raw;
pub mod record;
pub mod resource;
pub mod watch;
pub mod write;

pub use bundles::watch_bundles;
pub use cluster::{Cluster, LookupError};
pub use connect::{Access, ConnectError};
pub use crd::NotEstablished;
pub use events::{Note, Reporter};
pub use lease::{Claim, Leadership, Lease};
pub use record::{Record, RecordError};
pub use resource::{Resource, ResourceError};
pub use watch::{Ended, Scope, watch};
pub use write::Writer;

/// Log targets of kube that tell of each failed request what this crate tells once, in its own words.
/// A subscriber is best told to leave them out.
pub const NOISY_TARGETS: [&str; 2] = ["kube_client::client", "kube_runtime::watcher"];
