//! Who writes: one replica at a time, by a Lease.
//!
//! Our own, as the ready-made crate keeps its claim while the API server cannot be reached, trusts the clocks of other
//! machines, and takes an expired lease without a precondition, so that two replicas can each believe they have it.

mod claim;
mod elector;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kube::Api;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use crate::cluster::Cluster;
pub use claim::{Claim, Leadership};
use elector::Elector;

/// How long a holder that went silent is waited for; as in client-go. What `kill -9` costs.
pub const DURATION: Duration = Duration::from_secs(15);

/// A try to get or keep the lease for oneself, which goes on until it is released or dropped.
#[derive(Debug)]
pub struct Lease {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Lease {
    /// Goes for the Lease `name`, made if need be, as `holder`. Needs a tokio runtime.
    /// API server and clock may fail: the claim ends in time, and comes back.
    pub fn claim(cluster: &Cluster, namespace: &str, name: &str, holder: &str) -> (Self, Claim) {
        let (sender, receiver) = watch::channel(None);
        let (stop, stopped) = oneshot::channel();
        let api = Api::namespaced(cluster.client.clone(), namespace);
        let task = tokio::spawn(Elector::new(api, name, holder, sender).run(stopped));
        (Self { stop, task }, Claim::new(receiver))
    }

    /// Gives the lease away, so that the next one need not wait. Call it when the last write was answered.
    pub async fn release(self) {
        drop(self.stop);
        // The task neither panics nor is cancelled; and if it were, the lease would run out by itself.
        let _ = self.task.await;
    }
}

/// A name that no other process has, now or later: `<host>_<process>_<start, in ns>`. For leases and events.
pub fn instance() -> String {
    let host = hostname::get().unwrap_or_default();
    let start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{}_{}_{:x}", host.to_string_lossy(), std::process::id(), start.as_nanos())
}
