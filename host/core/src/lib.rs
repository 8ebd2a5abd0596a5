//! The pure part of Sluice: what is decided without a cluster, a clock or chance.
#![forbid(unsafe_code)]

pub mod grants;
pub mod index;
pub mod intent;
pub mod key;
pub mod limits;
pub mod markers;
pub mod object;
pub mod pair;
pub mod patch;
pub mod plan;
pub mod pointer;
pub mod queue;
pub mod reconciler;
pub mod registration;
pub mod translate;
pub mod watch;
pub mod write;
