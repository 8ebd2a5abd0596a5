//! Joins what does not know each other: clusters, plugins, and the pure core that decides.
//!
//! ```text
//! watch -> Reconciler -> work: guest -> plan -> writer -> outcome -> Reconciler
//! ```
//!
//! Reading order: [`plugins`] turns files into plugins; [`virtual_cluster`] is one pair of clusters and starts what
//! runs for it; `syncer` is the loop of one syncer; `work` is what is done for one pair; [`totals`] counts it.
#![forbid(unsafe_code)]

pub mod plugins;
mod syncer;
pub mod totals;
pub mod virtual_cluster;
mod work;

pub use plugins::{PluginError, Plugins};
pub use virtual_cluster::{Clusters, StartError, VirtualCluster};
