//! End to end: the real `sluice` binary between real control planes.
//!
//! A test takes a [`Lab`]: a virtual control plane that is its own for the time being, and a namespace of its own
//! in the shared physical one. It starts [`Sluice`] there, acts as a user through the clients, and awaits with
//! [`eventually`] what should follow; the audit log of a [`ControlPlane`] tells what reached the API server.
//!
//! Whatever is started here ends with this process, even if that one is killed: see [`guard`].
#![forbid(unsafe_code)]

pub mod artifacts;
pub mod folder;
pub mod granted;
pub mod guard;
pub mod plane;
pub mod pool;
pub mod process;
pub mod sluice;
pub mod wait;

pub use granted::granted;
pub use plane::{AuditEvent, ControlPlane};
pub use pool::Lab;
pub use sluice::{Sluice, plugins_dir};
pub use wait::{eventually, eventually_within};
