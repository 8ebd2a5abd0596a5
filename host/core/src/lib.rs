//! The pure part of Sluice: what is decided without a cluster, a clock or chance.
#![forbid(unsafe_code)]

pub mod bundle;
pub mod config;
pub mod finalizers;
pub mod grants;
pub mod hook;
pub mod importing;
pub mod index;
pub mod intent;
pub mod interception;
pub mod key;
pub mod limits;
pub mod markers;
pub mod object;
pub mod pair;
pub mod patch;
pub mod plan;
pub mod pointer;
pub mod quarantine;
pub mod queue;
pub mod rate;
pub mod rbac;
pub mod reconciler;
pub mod redact;
pub mod references;
pub mod registration;
pub mod schema;
pub mod selector;
pub mod syncer;
pub mod talk;
pub mod translate;
pub mod watch;
pub mod watched;
pub mod write;
