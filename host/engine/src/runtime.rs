//! Runs a virtual cluster with its plugins, as their sources have them, until told to stop.

use sluice_cluster::Claim;
use tokio::task::JoinHandle;
use tracing::{error, info};

use crate::interceptors::DoorError;
use crate::plugins::{Plugins, Refused};
use crate::supply::Supply;
use crate::virtual_cluster::VirtualCluster;

/// A virtual cluster that runs, and where its plugins come from.
pub struct Runtime {
    cluster: VirtualCluster,
    supply: Supply,
    /// Tells how it goes.
    leading: JoinHandle<()>,
}

impl Runtime {
    /// Starts a cluster with the first of its plugins. They work once the claim is held.
    ///
    /// # Errors
    /// The port for interceptors cannot be opened.
    pub async fn start(
        mut cluster: VirtualCluster,
        supply: Supply,
        plugins: &Plugins,
        claim: Claim,
    ) -> Result<Self, DoorError> {
        let ready = cluster.apply(plugins).await?;
        let leading = tokio::spawn(lead(claim, ready));
        Ok(Self { cluster, supply, leading })
    }

    /// Follows the sources until told to stop: what changes is swapped.
    pub async fn follow(&mut self, mut stop: impl Future<Output = ()> + Unpin) {
        loop {
            tokio::select! {
                () = &mut stop => return,
                (plugins, refused) = self.supply.next() => self.swap(&plugins, &refused).await,
            }
        }
    }

    async fn swap(&mut self, plugins: &Plugins, refused: &[Refused]) {
        self.cluster.report(refused).await;
        match self.cluster.apply(plugins).await {
            Ok(ready) => drop(tokio::spawn(ready)),
            Err(error) => error!("plugins stay as they are: {error}"),
        }
    }

    /// Takes no new work, waits for what is under way, and says what was done.
    pub async fn stop(self) {
        self.leading.abort();
        self.cluster.stop().await;
    }
}

/// `ready`: when the first plugins are in step.
async fn lead(claim: Claim, ready: impl Future<Output = ()>) {
    info!("waiting to become leader");
    claim.wait().await;
    info!("starting plugins");
    ready.await;
    info!("started");
    loop {
        claim.lost().await;
        info!("lost the lease; waiting to become leader");
        claim.wait().await;
        info!("leading again");
    }
}
