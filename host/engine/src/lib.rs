//! Joins what does not know each other: clusters, plugins, and the pure core that decides.
//!
//! ```text
//! lease -> init of each plugin -> its syncers: watch -> Reconciler -> work: guest -> plan -> writer -> Reconciler
//! ```
//!
//! Reading order: [`plugins`] turns files into plugins; [`virtual_cluster`] is one pair of clusters and starts what
//! runs for it; `startup` is what a plugin deploys first, `gate` what its syncers wait for; `keeper` runs a syncer
//! while its kinds are served, `mapper` asks its plugin what events mean, `syncer` is its loop, `work` is what is done
//! for one pair, `trouble` why it was not, `hooks` what other plugins make of it, [`interceptors`] the port on which
//! plugins answer API requests, `compute` where guests run, `quarantine` when a plugin's are not, `pace` how fast they may write;
//! `retired` removes what former syncers left; [`totals`] counts.
#![forbid(unsafe_code)]

mod compute;
mod gate;
mod hooks;
pub mod interceptors;
mod keeper;
mod mapper;
mod pace;
pub mod plugins;
mod quarantine;
mod retired;
mod startup;
mod syncer;
pub mod totals;
mod trouble;
pub mod virtual_cluster;
mod work;

pub use interceptors::Door;
pub use plugins::{PluginError, Plugins};
pub use virtual_cluster::{Clusters, VirtualCluster};
