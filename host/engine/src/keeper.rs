//! Runs a syncer whenever both clusters serve what it needs: kinds come and go.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use sluice_cluster::{Cluster, Ended, Resource, ResourceError, crd, watch};
use sluice_core::importing::Names;
use sluice_core::key::{Direction, Gvk, Side};
use sluice_core::reconciler::{Origin, Reconciler};
use sluice_core::syncer::Syncer;
use sluice_core::watch::WatchEvent;
use tokio::sync::{mpsc, oneshot, watch as signal};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::{info, warn};

use crate::gate::Gate;
use crate::syncer::Loop;
use crate::virtual_cluster::Clusters;
use crate::work::Workshop;

/// Watch events that wait to be taken in. A page of a list is one event.
const EVENTS: usize = 1024;
/// How often discovery is asked for a kind that is missing: one small request to each side.
const POLL: Duration = Duration::from_secs(1);

/// Tells once how a syncer does.
pub(crate) struct Ready(pub(crate) Option<oneshot::Sender<State>>);

/// How a syncer does at first.
pub(crate) enum State {
    /// Every object was looked at: virtual and physical, how many.
    InStep(usize, usize),
    /// A kind is not served.
    Waiting,
}

impl Ready {
    pub(crate) fn in_step(&mut self, (virtual_, physical): (usize, usize)) {
        self.0.take().map(|ready| ready.send(State::InStep(virtual_, physical)));
    }

    fn waiting(&mut self) {
        self.0.take().map(|ready| ready.send(State::Waiting));
    }
}

/// Keeps one syncer running.
pub(crate) struct Keeper {
    pub(crate) syncer: Arc<Syncer>,
    pub(crate) workshop: Arc<Workshop>,
    pub(crate) clusters: Clusters,
    pub(crate) gate: Gate,
    pub(crate) ready: Ready,
}

/// How both clusters serve what a syncer needs.
struct Served {
    halves: [Arc<Resource>; 2],
    references: Vec<Arc<Resource>>,
}

/// Why a syncer cannot run yet.
#[derive(Debug, thiserror::Error)]
enum Unready {
    #[error(transparent)]
    Resource(#[from] ResourceError),
    #[error("{0} is in namespaces, and names: same is for kinds that are not; give it a map or an annotation")]
    Names(Gvk),
}

impl Keeper {
    /// Runs until told to stop.
    pub(crate) async fn run(mut self, mut stop: signal::Receiver<bool>) {
        let definition = self.definition();
        let syncs = async {
            while !*stop.borrow() {
                let served = tokio::select! {
                    served = self.served() => served,
                    _ = stop.wait_for(|stop| *stop) => return,
                };
                self.sync(&served).run(&mut self.ready, &mut stop).await;
            }
        };
        tokio::select! {
            () = syncs => {}
            () = definition => {}
        }
    }

    /// Keeps the CustomResourceDefinition on both sides, if the syncer says so.
    fn definition(&self) -> impl Future<Output = ()> + use<> {
        let Clusters { virtual_, physical } = self.clusters.clone();
        let (name, claim) = (self.syncer.registered.crd.clone(), self.gate.claim.clone());
        let mark = self.syncer.translator.mark(false);
        async move {
            match name {
                Some(name) => crd::keep(&virtual_, &physical, &name, &claim, &mark).await,
                None => pending().await,
            }
        }
    }

    /// Waits until both sides serve what the syncer needs.
    async fn served(&mut self) -> Served {
        let mut told = None;
        loop {
            match self.find().await {
                Ok(served) => {
                    if told.is_some() {
                        info!(syncer = self.syncer.mark(), "served now");
                    }
                    return served;
                }
                Err(error) => {
                    let why = error.to_string();
                    if told.as_ref() != Some(&why) {
                        warn!(syncer = self.syncer.mark(), why, "it waits until that is so");
                        told = Some(why);
                    }
                    self.ready.waiting();
                }
            }
            sleep(POLL).await;
        }
    }

    async fn find(&self) -> Result<Served, Unready> {
        let Clusters { virtual_, physical } = &self.clusters;
        let gvk = self.syncer.gvk();
        let halves = [virtual_.resource(gvk).await?, physical.resource(gvk).await?];
        if matches!(self.syncer.registered.names, Some(Names::Same)) && halves[1].namespaced {
            return Err(Unready::Names(gvk.clone()));
        }
        let mut references = vec![];
        for reference in &self.syncer.registered.references {
            references.push(virtual_.resource(&reference.kind).await?);
        }
        Ok(Served { halves, references })
    }

    /// The loop of the syncer, with its watches.
    fn sync(&self, served: &Served) -> Loop {
        let (sender, events) = mpsc::channel(EVENTS);
        let mut watches = JoinSet::new();
        for side in Side::BOTH {
            let resource = &served.halves[side as usize];
            for namespace in self.namespaces(side, resource) {
                let labels = match side == self.syncer.direction().source() {
                    true => self.syncer.registered.select.labels.as_str(),
                    false => "",
                };
                watches.spawn(self.watch(side, resource, namespace.as_deref(), labels, Origin::Half(side), &sender));
            }
        }
        for (at, resource) in served.references.iter().enumerate() {
            watches.spawn(self.watch(Side::Virtual, resource, None, "", Origin::Reference(at), &sender));
        }
        let reconciler = Reconciler::new(Arc::clone(&self.syncer), watches.len());
        Loop { reconciler, workshop: Arc::clone(&self.workshop), gate: self.gate.clone(), events, watches }
    }

    /// The namespaces of one side that are watched, each by itself; none are all at once.
    fn namespaces(&self, side: Side, resource: &Resource) -> Vec<Option<String>> {
        let syncer = &self.syncer;
        let target = syncer.translator.namespace();
        let some = match (syncer.direction(), side) {
            _ if !resource.namespaced => return vec![None],
            (Direction::Down, Side::Virtual) => syncer.registered.select.namespaces.clone(),
            (Direction::Down, Side::Physical) => [target.into()].into(),
            (Direction::Up, Side::Virtual) => return vec![None],
            (Direction::Up, Side::Physical) => {
                syncer.registered.names.as_ref().map(|names| names.namespaces(target)).unwrap_or_default()
            }
        };
        if some.is_empty() { vec![None] } else { some.into_iter().map(Some).collect() }
    }

    fn watch(
        &self,
        side: Side,
        resource: &Resource,
        namespace: Option<&str>,
        labels: &str,
        origin: Origin,
        events: &mpsc::Sender<(Origin, WatchEvent)>,
    ) -> impl Future<Output = Ended> + Send + use<> {
        watch(self.clusters.of(side), resource, namespace, labels, events.clone(), move |event| (origin, event))
    }
}

impl Clusters {
    /// The cluster of one side.
    pub(crate) fn of(&self, side: Side) -> &Cluster {
        match side {
            Side::Virtual => &self.virtual_,
            Side::Physical => &self.physical,
        }
    }
}
