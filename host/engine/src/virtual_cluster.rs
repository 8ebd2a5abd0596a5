//! One virtual cluster and the physical one below it, and all that runs for them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::Value;
use sluice_core::hook::Operation;
use sluice_core::key::{Gvk, Side};
use tokio::sync::watch as signal;
use tokio::task::JoinSet;
use tracing::info;

use crate::hooks::Hooks;
use crate::interceptors::{Answerers, Desk, Door, DoorError};
use crate::member::{Member, Started};
use crate::plugins::{Plugins, Refused};
use crate::retired::{Present, Retired};
use crate::site::Site;

/// A virtual cluster with its plugins. A value: a process may have many.
pub struct VirtualCluster {
    site: Site,
    /// Where interceptors answer, once there are any.
    address: SocketAddr,
    desk: Option<Desk>,
    hooks: Hooks,
    members: BTreeMap<String, Member>,
    present: signal::Sender<Arc<Present>>,
    /// What runs for all plugins.
    running: JoinSet<()>,
    stop: signal::Sender<bool>,
}

impl VirtualCluster {
    /// Without plugins. `interceptors`: where those that have any answer API requests.
    pub fn new(site: Site, interceptors: SocketAddr) -> Self {
        let (claim, translator) = (site.claim.clone(), &site.translator);
        site.metrics.keeps(translator.name(), translator.namespace(), move || claim.held());
        let (present, is_present) = signal::channel(Arc::default());
        let (mut running, stop) = (JoinSet::new(), signal::Sender::new(false));
        running.spawn(Retired::new(&site, is_present, stop.subscribe()).run());
        let (desk, hooks, members) = Default::default();
        Self { site, address: interceptors, desk, hooks, members, present, running, stop }
    }

    /// From now on it has these plugins. One that is as it was goes on undisturbed; of one that is another, the former
    /// version finishes what is under way before the new one begins. What interceptors answer, they answer on every
    /// replica.
    ///
    /// What is returned waits until every syncer that was started by this, and can work, has seen both sides and looked
    /// at each object once.
    ///
    /// # Errors
    /// The port for interceptors cannot be opened; then nothing has changed.
    pub async fn apply(&mut self, plugins: &Plugins) -> Result<impl Future<Output = ()> + Send + use<>, DoorError> {
        if plugins.intercept() && self.desk.is_none() {
            let (door, desk) = (Door::open(self.address).await?, Desk::default());
            self.running.spawn(door.serve(desk.clone(), self.stop.subscribe()));
            self.desk = Some(desk);
        }
        let former = self.take_out(plugins).await;
        let mut changed: Vec<_> = former.values().flat_map(Member::hooks).collect();
        let mut fresh = BTreeMap::new();
        for plugin in plugins.iter().filter(|plugin| !self.members.contains_key(plugin.name())) {
            let member = Member::new(plugin, self.site.metrics.plugin(plugin.name()));
            changed.extend(member.hooks());
            fresh.insert(plugin.name().to_owned(), member);
        }
        self.tell(&former, &fresh);
        let names: BTreeSet<String> = fresh.keys().cloned().collect();
        self.members.extend(fresh);
        self.share(plugins);
        let mut started: Vec<Started> = vec![];
        for (name, member) in &mut self.members {
            if names.contains(name) {
                started.push(member.start(&self.site, &self.hooks));
            } else if member.meets(&changed) {
                member.again();
            }
        }
        self.site.metrics.loaded();
        Ok(async {
            for started in started {
                started.ready().await;
            }
        })
    }

    /// Tells all that is shared by plugins which there are.
    fn share(&mut self, plugins: &Plugins) {
        self.hooks.set(self.members.values().flat_map(Member::hooks));
        if let Some(desk) = &self.desk {
            let plugins_by_name = self.members.iter().map(|(name, member)| (name.clone(), member.answerer()));
            desk.set(Answerers { table: Arc::clone(&plugins.table), plugins: plugins_by_name.collect() });
        }
        self.present.send_replace(Arc::new(Present {
            plugins: self.members.keys().cloned().collect(),
            syncers: plugins.iter().flat_map(|plugin| plugin.syncers.clone()).collect(),
        }));
    }

    fn tell(&self, former: &BTreeMap<String, Member>, fresh: &BTreeMap<String, Member>) {
        for plugin in former.keys().filter(|name| !fresh.contains_key(*name)) {
            info!(plugin, "removed; what it copied stays");
            former[plugin].sum_up();
            self.site.metrics.forget(plugin);
        }
        for (plugin, member) in fresh.iter().filter(|(name, _)| former.contains_key(*name)) {
            info!(plugin, digest = member.plugin.digest(), "swapped");
            self.site.metrics.plugin(plugin).swap("swapped");
        }
    }

    /// Stops those that are not among the plugins, or are others there, all at once. Gives them as they were.
    async fn take_out(&mut self, plugins: &Plugins) -> BTreeMap<String, Member> {
        let goes = |name: &String, member: &mut Member| {
            !plugins.iter().any(|plugin| plugin.name() == name && plugin.is_same(&member.plugin))
        };
        let mut out: BTreeMap<_, _> = self.members.extract_if(.., goes).collect();
        out.values().for_each(Member::end);
        for member in out.values_mut() {
            member.ended().await;
        }
        out
    }

    /// Publishes an Event for each plugin that is refused.
    pub async fn report(&self, refused: &[Refused]) {
        self.site.metrics.refused(refused);
        for Refused { plugin, error, kept, .. } in refused {
            let goes_on = if *kept { "its former version goes on" } else { "it does not run" };
            let reason = error.reason();
            let message =
                format!("Plugin {plugin} is refused, and {goes_on}: {reason}; the log of the runtime says more");
            self.site.herald().report("PluginRefused", &message, true).await;
        }
    }

    /// What the hooks make of an object that somebody else reads or writes.
    pub fn reviewer(&self) -> Reviewer {
        Reviewer(self.hooks.clone())
    }

    /// Stops taking new work, waits for what is under way, and says what was done.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        self.members.values().for_each(Member::end);
        for member in self.members.values_mut() {
            member.ended().await;
        }
        while self.running.join_next().await.is_some() {}
        self.members.values().for_each(Member::sum_up);
    }
}

/// Passes objects of others by the hooks of all plugins, as they are at that moment.
#[derive(Clone)]
pub struct Reviewer(Hooks);

impl Reviewer {
    /// What the hooks for this make of an object, each of what the one before it left; the object itself if there are
    /// none.
    ///
    /// # Errors
    /// One of them denies or fails, in words.
    pub async fn review(&self, side: Side, gvk: &Gvk, operation: Operation, object: Value) -> Result<Value, String> {
        self.0.review(side, gvk, operation, object).await.map_err(|trouble| trouble.to_string())
    }
}
