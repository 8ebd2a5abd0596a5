//! One virtual cluster and the physical one below it, and all that runs for them.

use std::sync::Arc;

use sluice_cluster::{Claim, Cluster, Reporter, ResourceError, Writer, watch};
use sluice_core::grants::Grants;
use sluice_core::reconciler::Reconciler;
use sluice_core::translate::Translator;
use sluice_sandbox::Plugin;
use tokio::sync::{Semaphore, mpsc, oneshot, watch as signal};
use tokio::task::JoinSet;
use tracing::info;

use crate::plugins::Plugins;
use crate::syncer::Syncer;
use crate::totals::Totals;
use crate::work::Workshop;

/// Watch events that wait to be taken in. A page of a list is one event.
const EVENTS: usize = 1024;

/// Both clusters, reached.
#[derive(Clone)]
pub struct Clusters {
    /// The virtual one.
    pub virtual_: Cluster,
    /// The one below it.
    pub physical: Cluster,
}

/// Why a virtual cluster's syncers do not start.
#[derive(Debug, thiserror::Error)]
#[error("plugin {plugin:?}, syncer {syncer:?}: {cause}")]
pub struct StartError {
    plugin: String,
    syncer: String,
    cause: ResourceError,
}

/// A virtual cluster with its plugins. A value: a process may have many.
pub struct VirtualCluster {
    translator: Arc<Translator>,
    clusters: Clusters,
    claim: Claim,
    instance: String,
    running: JoinSet<()>,
    ready: Vec<(String, oneshot::Receiver<(usize, usize)>)>,
    totals: Vec<(String, Arc<Totals>)>,
    stop: signal::Sender<bool>,
}

impl VirtualCluster {
    /// Of these two clusters. `instance`: what this process calls itself in Events.
    pub fn new(translator: Arc<Translator>, clusters: Clusters, claim: Claim, instance: &str) -> Self {
        let (running, ready, totals) = Default::default();
        let instance = instance.into();
        Self { translator, clusters, claim, instance, running, ready, totals, stop: signal::Sender::new(false) }
    }

    /// Starts every syncer of the plugins: its watches fill the index, and its work waits for the claim.
    pub async fn start(&mut self, plugins: &Plugins) -> Result<(), StartError> {
        for plugin in plugins.iter() {
            let totals = Arc::new(Totals::default());
            self.totals.push((plugin.setting().plugin.clone(), Arc::clone(&totals)));
            let calls = Arc::new(Semaphore::new(plugin.setting().limits.calls));
            for syncer in &plugin.registration().syncers {
                self.start_syncer(plugin, syncer, &totals, &calls).await.map_err(|cause| StartError {
                    plugin: plugin.setting().plugin.clone(),
                    syncer: syncer.name.clone(),
                    cause,
                })?;
            }
        }
        Ok(())
    }

    async fn start_syncer(
        &mut self,
        plugin: &Plugin,
        syncer: &sluice_core::registration::Syncer,
        totals: &Arc<Totals>,
        calls: &Arc<Semaphore>,
    ) -> Result<(), ResourceError> {
        let Clusters { virtual_, physical } = &self.clusters;
        let gvk = Arc::new(syncer.kind.clone());
        let (virtual_resource, physical_resource) = (virtual_.resource(&gvk).await?, physical.resource(&gvk).await?);
        let (virtual_sender, virtual_events) = mpsc::channel(EVENTS);
        let (physical_sender, physical_events) = mpsc::channel(EVENTS);
        let namespace = physical_resource.namespaced.then(|| self.translator.namespace());
        self.running.spawn(watch(virtual_, &virtual_resource, None, virtual_sender));
        self.running.spawn(watch(physical, &physical_resource, namespace, physical_sender));

        let workshop = Arc::new(Workshop {
            syncer: syncer.name.clone(),
            gvk: Arc::clone(&gvk),
            plugin: plugin.clone(),
            grants: Grants::for_syncer(&gvk),
            writer: Writer::new(virtual_.clone(), physical.clone(), self.claim.clone()),
            reporter: Reporter::new(virtual_, &self.instance),
            totals: Arc::clone(totals),
            calls: Arc::clone(calls),
        });
        let (ready, is_ready) = oneshot::channel();
        self.ready.push((format!("{}/{}", plugin.setting().plugin, syncer.name), is_ready));
        let reconciler = Reconciler::new(&syncer.name, syncer.kind.clone(), Arc::clone(&self.translator));
        let claim = self.claim.clone();
        let syncer = Syncer { reconciler, workshop, claim, virtual_events, physical_events, ready: Some(ready) };
        self.running.spawn(syncer.run(self.stop.subscribe()));
        Ok(())
    }

    /// Waits until every syncer has seen both sides and looked at each object once.
    pub async fn ready(&mut self) {
        for (syncer, ready) in self.ready.drain(..) {
            if let Ok((virtual_objects, physical_objects)) = ready.await {
                info!(syncer, virtual_objects, physical_objects, "in step");
            }
        }
    }

    /// Stops taking new work, waits for what is under way, and says what was done.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.running.join_next().await.is_some() {}
        for (plugin, totals) in &self.totals {
            let counts = totals.read();
            info!(plugin, calls = counts.calls, fuel = counts.fuel, writes = ?counts.writes, failures = ?counts.failures, "totals");
        }
    }
}
