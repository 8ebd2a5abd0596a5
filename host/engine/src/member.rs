//! A plugin at one virtual cluster, with all that runs for it. It is started and stopped by itself.

use std::sync::Arc;

use sluice_core::key::Side;
use sluice_core::syncer::Syncer;
use tokio::sync::{oneshot, watch as signal};
use tokio::task::JoinSet;
use tracing::info;

use crate::calls::Calls;
use crate::gate::Gate;
use crate::hooks::{Hook, Hooks};
use crate::interceptors::Answerer;
use crate::keeper::{Keeper, Ready, State};
use crate::metrics::{Identity, PluginMeter};
use crate::pace::Pace;
use crate::plugins::Loaded;
use crate::quarantine::Quarantine;
use crate::sender::Sender;
use crate::site::Site;
use crate::startup::Startup;
use crate::work::Workshop;

/// A plugin, and what all that runs for it shares.
pub(crate) struct Member {
    pub(crate) plugin: Loaded,
    /// By its name: a former version of it had the same.
    meter: Arc<PluginMeter>,
    /// Its calls at once.
    calls: Arc<Calls>,
    quarantine: Arc<Quarantine>,
    running: JoinSet<()>,
    stop: signal::Sender<bool>,
    again: signal::Sender<()>,
}

/// How a plugin that was started gets on.
pub(crate) struct Started {
    deployed: oneshot::Receiver<bool>,
    syncers: Vec<(String, oneshot::Receiver<State>)>,
}

impl Member {
    /// One that does nothing yet.
    pub(crate) fn new(plugin: &Loaded, meter: Arc<PluginMeter>) -> Self {
        let limits = &plugin.plugin.setting().limits;
        let calls = Arc::new(Calls::new(limits.calls));
        let quarantine = Arc::new(Quarantine::new(plugin.name(), limits.quarantine, &meter));
        let (running, stop, again) = (JoinSet::new(), signal::Sender::new(false), signal::Sender::new(()));
        Self { plugin: plugin.clone(), meter, calls, quarantine, running, stop, again }
    }

    pub(crate) fn answerer(&self) -> Answerer {
        let (plugin, meter, calls) = (self.plugin.clone(), Arc::clone(&self.meter), Arc::clone(&self.calls));
        Answerer { plugin, meter, calls }
    }

    pub(crate) fn hooks(&self) -> impl Iterator<Item = Arc<Hook>> {
        self.plugin.plugin.registration().hooks.iter().map(|registered| {
            Arc::new(Hook {
                registered: registered.clone(),
                plugin: self.plugin.clone(),
                meter: Arc::clone(&self.meter),
                calls: Arc::clone(&self.calls),
            })
        })
    }

    /// Whether what it writes, or is shown, passes one of these hooks.
    pub(crate) fn meets(&self, hooks: &[Arc<Hook>]) -> bool {
        self.plugin.syncers.iter().any(|syncer| hooks.iter().any(|hook| hook.registered.kind == *syncer.gvk()))
    }

    /// Has every pair of its syncers looked at again.
    pub(crate) fn again(&self) {
        self.again.send_replace(());
    }

    /// Deploys what it deploys once the claim is held, while the watches of its syncers fill their indices; then its
    /// syncers work.
    pub(crate) fn start(&mut self, site: &Site, hooks: &Hooks) -> Started {
        let identity = Identity {
            version: self.plugin.plugin.registration().version.clone(),
            digest: self.plugin.digest().to_owned(),
            origin: self.plugin.origin.clone(),
        };
        self.meter.begins(identity, &self.plugin.syncers);
        let (deployed, is_deployed) = signal::channel(false);
        let (tried, is_tried) = oneshot::channel();
        let pace = Pace::new(self.plugin.plugin.setting().limits.writes_rate);
        let sender = Arc::new(Sender { writer: site.writer(), pace, meter: Arc::clone(&self.meter) });
        let startup = Startup {
            plugin: self.plugin.clone(),
            clusters: site.clusters.clone(),
            hooks: hooks.clone(),
            sender: Arc::clone(&sender),
            claim: site.claim.clone(),
            meter: Arc::clone(&self.meter),
            calls: Arc::clone(&self.calls),
        };
        self.running.spawn(Arc::clone(&self.quarantine).run(site.herald(), self.stop.subscribe()));
        self.running.spawn(startup.run(deployed, tried, self.stop.subscribe()));
        let mut syncers = vec![];
        for syncer in &self.plugin.syncers {
            let (ready, is_ready) = oneshot::channel();
            let keeper = Keeper {
                syncer: Arc::clone(syncer),
                workshop: Arc::new(self.workshop(syncer, site, hooks, &sender)),
                clusters: site.clusters.clone(),
                gate: Gate {
                    claim: site.claim.clone(),
                    deployed: is_deployed.clone(),
                    quarantine: Arc::clone(&self.quarantine),
                },
                ready: Ready(Some(ready)),
                again: self.again.subscribe(),
            };
            self.running.spawn(keeper.run(self.stop.subscribe()));
            syncers.push((syncer.mark().to_owned(), is_ready));
        }
        Started { deployed: is_tried, syncers }
    }

    fn workshop(&self, syncer: &Arc<Syncer>, site: &Site, hooks: &Hooks, sender: &Arc<Sender>) -> Workshop {
        Workshop {
            syncer: Arc::clone(syncer),
            gvk: Arc::new(syncer.gvk().clone()),
            plugin: self.plugin.clone(),
            meter: self.meter.syncer(syncer),
            plugin_meter: Arc::clone(&self.meter),
            watched: Arc::default(),
            hooks: hooks.clone(),
            sender: Arc::clone(sender),
            reporter: site.reporter(Side::Virtual),
            calls: Arc::clone(&self.calls),
            quarantine: Arc::clone(&self.quarantine),
        }
    }

    /// Takes no new work from now on.
    pub(crate) fn end(&self) {
        self.stop.send_replace(true);
    }

    /// Waits for what is under way.
    pub(crate) async fn ended(&mut self) {
        while self.running.join_next().await.is_some() {}
    }

    /// Says what was done.
    pub(crate) fn sum_up(&self) {
        let (plugin, counts) = (self.plugin.name(), self.meter.counts());
        info!(plugin, calls = counts.calls, fuel = counts.fuel, writes = ?counts.writes, failures = ?counts.failures, "totals");
    }
}

impl Started {
    /// Waits until every syncer that can work has seen both sides and looked at each object once.
    pub(crate) async fn ready(self) {
        // A plugin that cannot deploy keeps trying, and its syncers wait for it; the others need not.
        if self.deployed.await != Ok(true) {
            return;
        }
        for (syncer, ready) in self.syncers {
            if let Ok(State::InStep(virtual_objects, physical_objects)) = ready.await {
                info!(syncer, virtual_objects, physical_objects, "in step");
            }
        }
    }
}
