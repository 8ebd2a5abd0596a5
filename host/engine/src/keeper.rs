//! Runs a syncer whenever both clusters serve what it needs: kinds come and go.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use sluice_cluster::{Ended, Resource, ResourceError, Scope, crd, watch};
use sluice_core::importing::Names;
use sluice_core::key::{Direction, Gvk, Side};
use sluice_core::reconciler::{Origin, Reconciler};
use sluice_core::syncer::Syncer;
use tokio::sync::{mpsc, oneshot, watch as signal};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::{info, warn};

use crate::gate::Gate;
use crate::mapper::{Heard, Mapper};
use crate::site::Clusters;
use crate::syncer::Loop;
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
    /// A kind is not served, or the plugin is set aside.
    Waiting,
}

impl Ready {
    pub(crate) fn in_step(&mut self, (virtual_, physical): (usize, usize)) {
        self.0.take().map(|ready| ready.send(State::InStep(virtual_, physical)));
    }

    pub(crate) fn waiting(&mut self) {
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
    /// Told when hooks on what it writes are others.
    pub(crate) again: signal::Receiver<()>,
}

/// How both clusters serve what a syncer needs.
struct Served {
    namespaced: bool,
    /// What is watched: where, and as what.
    watched: Vec<(Origin, Side, Arc<Resource>)>,
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
                    self.workshop.meter.begins();
                    return served;
                }
                Err(error) => {
                    let why = error.to_string();
                    self.workshop.meter.waits(&why);
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
        let (gvk, registered) = (self.syncer.gvk(), &self.syncer.registered);
        let halves: &[Side] = match registered.direction {
            Direction::Virtual => &[Side::Virtual],
            Direction::Down | Direction::Up => &Side::BOTH,
        };
        let halves = halves.iter().map(|&side| (Origin::Half(side), side, gvk));
        let references = registered.references.iter().enumerate();
        let references = references.map(|(at, reference)| (Origin::Reference(at), Side::Virtual, &reference.kind));
        let watches = registered.watches.iter().enumerate();
        let watches = watches.map(|(at, watch)| (Origin::Watch(at), watch.side, &watch.kind));
        let mut served = Served { namespaced: true, watched: vec![] };
        for (origin, side, gvk) in halves.chain(references).chain(watches) {
            let resource = self.clusters.of(side).resource(gvk).await?;
            if matches!(origin, Origin::Half(_)) {
                served.namespaced = resource.namespaced;
            }
            served.watched.push((origin, side, resource));
        }
        if matches!(registered.names, Some(Names::Same)) && served.namespaced {
            return Err(Unready::Names(gvk.clone()));
        }
        Ok(served)
    }

    /// The loop of the syncer, with its watches.
    fn sync(&self, served: &Served) -> Loop {
        let (heard, events) = mpsc::channel(EVENTS);
        let mut watches = JoinSet::new();
        let mut count = 0;
        self.workshop.forget();
        let registered = &self.syncer.registered;
        // Where the plugin has no say in what events mean, nobody stands between the watches and the loop.
        let asked = (registered.has_own_names() || !registered.watches.is_empty()).then(|| mpsc::channel(EVENTS));
        for (origin, side, resource) in &served.watched {
            let (origin, cluster) = (*origin, self.clusters.of(*side));
            for namespace in self.namespaces(origin, resource) {
                let scope = Scope { namespace: namespace.as_deref(), labels: self.labels(origin) };
                let ear = self.workshop.meter.ear(*side, &resource.gvk);
                let heard_of = move || ear.hears();
                count += 1;
                match &asked {
                    Some((asked, _)) => {
                        watches.spawn(watch(cluster, resource, scope, heard_of, asked.clone(), move |event| {
                            (origin, event)
                        }))
                    }
                    None => watches.spawn(watch(cluster, resource, scope, heard_of, heard.clone(), move |event| {
                        Heard::Event(origin, event)
                    })),
                };
            }
        }
        if let Some((_, asked)) = asked {
            let mapper = Mapper::new(Arc::clone(&self.workshop), heard);
            watches.spawn(async move {
                mapper.run(asked).await;
                Ended::Unheard
            });
        }
        let reconciler = Reconciler::new(Arc::clone(&self.syncer), served.namespaced, count);
        let (workshop, gate, again) = (Arc::clone(&self.workshop), self.gate.clone(), self.again.clone());
        Loop { reconciler, workshop, gate, events, watches, again }
    }

    /// The label selector of a watch.
    fn labels(&self, origin: Origin) -> &str {
        let registered = &self.syncer.registered;
        match origin {
            Origin::Half(side) if side == registered.direction.source() => registered.select.labels.as_str(),
            Origin::Half(_) | Origin::Reference(_) => "",
            Origin::Watch(at) => registered.watches[at].select.labels.as_str(),
        }
    }

    /// The namespaces that a watch is of, each by itself; none are all at once.
    fn namespaces(&self, origin: Origin, resource: &Resource) -> Vec<Option<String>> {
        let registered = &self.syncer.registered;
        let target = self.syncer.translator.namespace();
        let some = match (origin, registered.direction) {
            _ if !resource.namespaced => return vec![None],
            (Origin::Half(Side::Virtual), Direction::Down) => registered.select.namespaces.clone(),
            (Origin::Half(Side::Physical), Direction::Down) => [target.into()].into(),
            (Origin::Half(Side::Physical), _) => {
                registered.names.as_ref().map(|names| names.namespaces(target)).unwrap_or_default()
            }
            (Origin::Half(Side::Virtual) | Origin::Reference(_), _) => return vec![None],
            (Origin::Watch(at), _) => registered.watches[at].namespaces(target),
        };
        if some.is_empty() { vec![None] } else { some.into_iter().map(Some).collect() }
    }
}
