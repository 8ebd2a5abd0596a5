//! Plugins in ConfigMaps of the physical cluster.

use std::time::Duration;

use sluice_cluster::Cluster;
use sluice_cluster::bundles::{Bundles as Shown, watch_bundles};
use sluice_loader::bundles::{PLUGIN, assemble};
use tokio::sync::watch;
use tokio::time::timeout;
use tracing::warn;

use crate::plugins::{Offer, Source};

/// How long the start waits for what is there. What comes later is swapped in.
const FIRST: Duration = Duration::from_secs(10);

/// Those of one namespace.
pub(super) struct Bundles {
    namespace: String,
    shown: watch::Receiver<Shown>,
}

impl Bundles {
    /// Watches them as long as this lives.
    pub(super) fn of(cluster: Cluster, namespace: String) -> Self {
        let (show, shown) = watch::channel(None);
        tokio::spawn(watch_bundles(cluster, namespace.clone(), PLUGIN, show));
        Self { namespace, shown }
    }

    pub(super) async fn look(&mut self) -> Vec<Offer> {
        if timeout(FIRST, self.shown.wait_for(Option::is_some)).await.is_err() {
            warn!(
                namespace = self.namespace,
                "nobody says which plugins there are in ConfigMaps; none is taken from there yet"
            );
        }
        // Not under its lock: whoever watches goes on meanwhile.
        let parts = self.shown.borrow_and_update().clone().unwrap_or_default();
        let offer = |(name, found)| Offer { from: Source::Elsewhere, name, found };
        assemble(&parts).into_iter().map(offer).collect()
    }

    /// Waits until there are others.
    pub(super) async fn changed(this: &mut Option<Self>) {
        match this {
            // What watches them ends after this.
            Some(this) => drop(this.shown.changed().await),
            None => std::future::pending().await,
        }
    }
}
