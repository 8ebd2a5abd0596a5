//! When a syncer may work: while this replica leads, and its plugin has deployed what it deploys and is not set aside.

use std::sync::Arc;

use sluice_cluster::Claim;
use tokio::sync::watch;

use crate::quarantine::Quarantine;

/// Three conditions in one.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) claim: Claim,
    pub(crate) deployed: watch::Receiver<bool>,
    pub(crate) quarantine: Arc<Quarantine>,
}

impl Gate {
    /// Whether it may work now.
    pub(crate) fn is_open(&self) -> bool {
        self.claim.held() && *self.deployed.borrow() && self.quarantine.left().is_none()
    }

    /// Waits until it may.
    pub(crate) async fn open(&self) {
        let mut deployed = self.deployed.clone();
        self.claim.wait().await;
        if deployed.wait_for(|deployed| *deployed).await.is_err() {
            // Nobody is left who could deploy: it stops.
            std::future::pending::<()>().await;
        }
        self.quarantine.over().await;
    }
}
