//! Joins what does not know each other: clusters, plugins, and the pure core that decides.
//!
//! ```text
//! lease -> init of each plugin -> its syncers: watch -> Reconciler -> work: guest -> plan -> writer -> Reconciler
//! ```
//!
//! Reading order: [`runtime`] keeps it all going; [`sources`] are where components come from, and [`supply`] has the
//! plugins that they are now; [`plugins`] turns components into plugins; [`virtual_cluster`] has those of one pair of
//! clusters, whose place is its [`site`], and `member` is one of them, started and stopped by itself; `startup` is what
//! a plugin deploys first, `gate` what its syncers wait for; `keeper` runs a syncer while its kinds are served,
//! `mapper` asks its plugin what events mean, `syncer` is its loop, `work` is what is done for one pair, `trouble` why
//! it was not, `hooks` what other plugins make of it, [`interceptors`] the port on which plugins answer API requests,
//! `calls` where guests run, `quarantine` when a plugin's are not, `sender` how its writes are sent, and `pace` how
//! fast; `stop` what a stop cuts short; `retired` removes what former syncers left; [`metrics`] is what is counted, and
//! what of all this is seen from outside.
#![forbid(unsafe_code)]

mod calls;
mod gate;
mod hooks;
pub mod interceptors;
mod keeper;
mod mapper;
mod member;
pub mod metrics;
mod pace;
pub mod plugins;
mod quarantine;
mod retired;
pub mod runtime;
mod sender;
pub mod site;
pub mod sources;
mod startup;
mod stop;
pub mod supply;
mod syncer;
mod trouble;
pub mod virtual_cluster;
mod work;

pub use interceptors::DoorError;
pub use metrics::Metrics;
pub use plugins::{Loaded, Offer, PluginError, Plugins, Refused};
pub use runtime::Runtime;
pub use site::{Clusters, Site};
pub use sources::Sources;
pub use supply::Supply;
pub use virtual_cluster::{Reviewer, VirtualCluster};
