//! One virtual cluster and the physical one below it, and all that runs for them.

use std::sync::Arc;

use sluice_cluster::{Claim, Cluster, Record, Reporter, Writer};
use sluice_core::translate::Translator;
use tokio::sync::{Semaphore, oneshot, watch as signal};
use tokio::task::JoinSet;
use tracing::info;

use crate::gate::Gate;
use crate::hooks::{Hook, Hooks};
use crate::interceptors::{Answerer, Answerers, Door};
use crate::keeper::{Keeper, Ready, State};
use crate::pace::Pace;
use crate::plugins::{Loaded, Plugins};
use crate::quarantine::{Herald, Quarantine};
use crate::retired::Retired;
use crate::startup::Startup;
use crate::totals::Totals;
use crate::work::Workshop;

/// Both clusters, reached.
#[derive(Clone)]
pub struct Clusters {
    /// The virtual one.
    pub virtual_: Cluster,
    /// The one below it.
    pub physical: Cluster,
}

/// A virtual cluster with its plugins. A value: a process may have many.
pub struct VirtualCluster {
    translator: Arc<Translator>,
    clusters: Clusters,
    claim: Claim,
    instance: String,
    running: JoinSet<()>,
    started: Vec<Started>,
    totals: Vec<(String, Arc<Totals>)>,
    stop: signal::Sender<bool>,
}

/// A plugin, with what all that runs for it shares.
struct Member {
    plugin: Loaded,
    totals: Arc<Totals>,
    /// Its calls at once.
    calls: Arc<Semaphore>,
    /// Its writes.
    pace: Arc<Pace>,
    quarantine: Arc<Quarantine>,
}

impl Member {
    fn new(plugin: &Loaded) -> Self {
        let (limits, totals) = (&plugin.plugin.setting().limits, Arc::default());
        let (calls, pace) = (Arc::new(Semaphore::new(limits.calls)), Arc::new(Pace::new(limits.writes_rate)));
        let quarantine = Arc::new(Quarantine::new(plugin.name(), limits.quarantine, &totals));
        Self { plugin: plugin.clone(), totals, calls, pace, quarantine }
    }

    fn answerer(&self) -> (String, Answerer) {
        let Self { plugin, totals, calls, .. } = self;
        let answerer = Answerer { plugin: plugin.clone(), totals: Arc::clone(totals), calls: Arc::clone(calls) };
        (plugin.name().to_owned(), answerer)
    }

    fn hooks(&self) -> impl Iterator<Item = Arc<Hook>> {
        self.plugin.plugin.registration().hooks.iter().map(|registered| {
            Arc::new(Hook {
                registered: registered.clone(),
                plugin: self.plugin.clone(),
                totals: Arc::clone(&self.totals),
                calls: Arc::clone(&self.calls),
            })
        })
    }
}

/// How a plugin that was started gets on.
struct Started {
    deployed: oneshot::Receiver<bool>,
    syncers: Vec<(String, oneshot::Receiver<State>)>,
}

impl VirtualCluster {
    /// Of these two clusters. `instance`: what this process calls itself in Events.
    pub fn new(translator: Arc<Translator>, clusters: Clusters, claim: Claim, instance: &str) -> Self {
        let (running, started, totals) = Default::default();
        let instance = instance.into();
        Self { translator, clusters, claim, instance, running, started, totals, stop: signal::Sender::new(false) }
    }

    /// Starts the plugins: each deploys what it deploys once the claim is held, while the watches of its syncers fill
    /// their indices; then its syncers work. What comes in by the door is answered from now on, by every replica.
    pub fn start(&mut self, plugins: &Plugins, door: Option<Door>) {
        let members: Vec<Member> = plugins.iter().map(Member::new).collect();
        if let Some(door) = door {
            let answerers = members.iter().map(Member::answerer).collect();
            let answerers = Answerers { table: Arc::clone(&plugins.table), plugins: answerers };
            self.running.spawn(door.serve(Arc::new(answerers), self.stop.subscribe()));
        }
        let hooks = Hooks(members.iter().flat_map(Member::hooks).collect());
        for member in members {
            self.start_plugin(&member, &hooks);
        }
        let retired = Retired {
            clusters: self.clusters.clone(),
            writer: self.writer(),
            claim: self.claim.clone(),
            translator: Arc::clone(&self.translator),
            plugins: plugins.iter().map(|plugin| plugin.name().to_owned()).collect(),
            syncers: plugins.iter().flat_map(|plugin| plugin.syncers.clone()).collect(),
        };
        let mut stop = self.stop.subscribe();
        self.running.spawn(async move {
            tokio::select! {
                () = retired.run() => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        });
    }

    fn start_plugin(&mut self, Member { plugin, totals, calls, pace, quarantine }: &Member, hooks: &Hooks) {
        self.totals.push((plugin.name().into(), Arc::clone(totals)));
        let (deployed, is_deployed) = signal::channel(false);
        let (tried, is_tried) = oneshot::channel();
        let startup = Startup {
            plugin: plugin.clone(),
            clusters: self.clusters.clone(),
            hooks: hooks.clone(),
            writer: self.writer(),
            claim: self.claim.clone(),
            totals: Arc::clone(totals),
            calls: Arc::clone(calls),
            pace: Arc::clone(pace),
        };
        self.running.spawn(Arc::clone(quarantine).run(self.herald(), self.stop.subscribe()));
        self.running.spawn(startup.run(deployed, tried, self.stop.subscribe()));
        let mut syncers = vec![];
        for syncer in &plugin.syncers {
            let workshop = Arc::new(Workshop {
                syncer: Arc::clone(syncer),
                gvk: Arc::new(syncer.gvk().clone()),
                plugin: plugin.clone(),
                watched: Arc::default(),
                hooks: hooks.clone(),
                writer: self.writer(),
                reporter: Reporter::new(&self.clusters.virtual_, &self.instance),
                totals: Arc::clone(totals),
                calls: Arc::clone(calls),
                pace: Arc::clone(pace),
                quarantine: Arc::clone(quarantine),
            });
            let (ready, is_ready) = oneshot::channel();
            let keeper = Keeper {
                syncer: Arc::clone(syncer),
                workshop,
                clusters: self.clusters.clone(),
                gate: Gate {
                    claim: self.claim.clone(),
                    deployed: is_deployed.clone(),
                    quarantine: Arc::clone(quarantine),
                },
                ready: Ready(Some(ready)),
            };
            self.running.spawn(keeper.run(self.stop.subscribe()));
            syncers.push((syncer.mark().to_owned(), is_ready));
        }
        self.started.push(Started { deployed: is_tried, syncers });
    }

    fn herald(&self) -> Herald {
        let (physical, namespace) = (&self.clusters.physical, self.translator.namespace());
        let name = format!("sluice-{}", self.translator.name());
        Herald {
            reporter: Reporter::new(physical, &self.instance),
            record: Record::new(physical, namespace, &name),
            namespace: namespace.into(),
            name,
        }
    }

    fn writer(&self) -> Writer {
        Writer::new(self.clusters.virtual_.clone(), self.clusters.physical.clone(), self.claim.clone())
    }

    /// Waits until every syncer that can work has seen both sides and looked at each object once.
    pub async fn ready(&mut self) {
        for Started { deployed, syncers } in self.started.drain(..) {
            // A plugin that cannot deploy keeps trying, and its syncers wait for it; the others need not.
            if deployed.await != Ok(true) {
                continue;
            }
            for (syncer, ready) in syncers {
                if let Ok(State::InStep(virtual_objects, physical_objects)) = ready.await {
                    info!(syncer, virtual_objects, physical_objects, "in step");
                }
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
