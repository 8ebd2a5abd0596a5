//! What is counted and seen of one plugin.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use sluice_core::key::{Side, Time};
use sluice_core::quarantine::Aside;
use sluice_core::syncer::Syncer;
use sluice_core::write::WriteError;
use sluice_sandbox::Cost;
use tracing::field::Empty;
use tracing::info_span;
use tracing::span::EnteredSpan;

use super::deeds::{Counts, Deeds, Words};
use super::syncer::SyncerMeter;
use super::{Took, read, write};
use crate::syncer::now;

/// From a call that reads two fields, some ten microseconds, to the longest that the default limits allow.
const CALLS: [f64; 14] =
    [0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 1.0, 5.0];
/// From the least that a Rust component has, one megabyte, to the most that a limit may be.
const MEMORY: [f64; 8] =
    [1.25 * MIB, 2.0 * MIB, 4.0 * MIB, 8.0 * MIB, 16.0 * MIB, 64.0 * MIB, 256.0 * MIB, 1024.0 * MIB];
const MIB: f64 = 1_048_576.0;
/// What becomes of another version.
const SWAPS: [&str; 2] = ["refused", "swapped"];
/// How long a version is shown, in bytes.
const VERSION: usize = 64;

/// What is counted and seen of the plugin of one name.
#[derive(Debug)]
pub(crate) struct PluginMeter {
    pub(super) name: String,
    /// Calls that have ended.
    called: Counter,
    /// How long calls took, by function.
    pub(super) calls: RwLock<BTreeMap<&'static str, Histogram>>,
    pub(super) fuel: Counter,
    /// The most that a call held, in bytes.
    pub(super) memory: Histogram,
    /// Instances that compute now.
    pub(super) instances: Gauge,
    took: Took,
    /// Of no syncer: of its start, its hooks and interceptors, and of syncers that are no more.
    pub(super) deeds: Deeds,
    /// What became of other versions of it.
    pub(super) swaps: Words<&'static str>,
    pub(super) standing: RwLock<Standing>,
    pub(super) syncers: RwLock<BTreeMap<String, Arc<SyncerMeter>>>,
}

/// Which component it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    /// As it says itself.
    pub(crate) version: String,
    /// 64 hex digits.
    pub(crate) digest: String,
    /// Where it came from.
    pub(crate) origin: String,
}

/// How it stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    /// None if none ever ran.
    pub(super) identity: Option<Identity>,
    /// Whether its syncers may work, as far as it has to say.
    pub(super) runs: bool,
    /// While it is set aside: since when, how, and the reason of its last failure.
    pub(super) aside: Option<(Time, Aside, &'static str)>,
    /// Why it does not start; it is tried again.
    pub(super) stuck: Option<&'static str>,
    /// Why what was offered last under its name does not run.
    pub(super) refused: Option<&'static str>,
}

impl Standing {
    pub(super) fn failed(&self) -> Option<&'static str> {
        self.stuck.or(self.refused)
    }
}

impl PluginMeter {
    pub(super) fn new(name: &str, took: Took) -> Self {
        let memory = Histogram::new(MEMORY);
        let (called, calls, fuel, instances, deeds, standing, syncers) = Default::default();
        let swaps = Words::default();
        // From nothing to one is what an alert is to see.
        SWAPS.into_iter().for_each(|result| swaps.more(result, 0));
        Self { name: name.into(), called, calls, fuel, memory, instances, took, deeds, swaps, standing, syncers }
    }

    /// This component begins, with these syncers; the counts of others go to the plugin's own.
    pub(crate) fn begins(&self, identity: Identity, syncers: &[Arc<Syncer>]) {
        // It goes where everybody may look, and a plugin that was told a secret might say it.
        let plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '+');
        let shown = identity.version.len() <= VERSION && identity.version.chars().all(plain);
        let version = if shown { identity.version } else { String::new() };
        *write(&self.standing) = Standing { identity: Some(Identity { version, ..identity }), ..Standing::default() };
        let mut all = write(&self.syncers);
        let (stay, gone): (BTreeMap<_, _>, BTreeMap<_, _>) = std::mem::take(&mut *all)
            .into_iter()
            .partition(|(_, meter)| syncers.iter().any(|syncer| meter.is_of(syncer)));
        gone.values().for_each(|meter| self.deeds.inherit(&meter.deeds));
        stay.values().for_each(|meter| meter.begins());
        *all = stay;
    }

    /// The meter of one of its syncers: the same one as long as that is of the same kind.
    pub(crate) fn syncer(&self, syncer: &Syncer) -> Arc<SyncerMeter> {
        let mut syncers = write(&self.syncers);
        let name = &syncer.registered.name;
        Arc::clone(syncers.entry(name.clone()).or_insert_with(|| Arc::new(SyncerMeter::new(syncer))))
    }

    /// A guest is called, until what this gives is dropped. `function`: as in the contract.
    pub(crate) fn call(&self, function: &'static str) -> Calling<'_> {
        self.instances.inc();
        let (plugin, fuel, memory) = (&self.name, Empty, Empty);
        let span = info_span!(
            "call",
            otel.name = function,
            sluice.plugin = plugin,
            sluice.fuel = fuel,
            sluice.memory = memory
        );
        Calling { meter: self, function, began: Instant::now(), span: span.entered() }
    }

    /// A write came to this, after so long. One that was not sent says nothing of API servers.
    pub(crate) fn answered<T>(&self, side: Side, took: Duration, written: &Result<T, WriteError>) {
        if !matches!(written, Err(WriteError::NotLeading)) {
            self.took[side as usize].observe(took.as_secs_f64());
        }
    }

    /// A write that is no syncer's happened.
    pub(crate) fn wrote(&self, side: Side, verb: &'static str) {
        self.deeds.writes.one((side, verb));
    }

    /// Something failed that is no syncer's.
    pub(crate) fn failure(&self, reason: &'static str) {
        self.deeds.failures.one(reason);
    }

    /// Whether its syncers may work, as far as it has to say: this replica leads, and it has deployed what it deploys.
    pub(crate) fn runs(&self, runs: bool) {
        let mut standing = write(&self.standing);
        (standing.runs, standing.stuck) = (runs, None);
    }

    /// It does not start. `reason`: a word.
    pub(crate) fn stuck(&self, reason: &'static str) {
        write(&self.standing).stuck = Some(reason);
    }

    /// It is set aside from now on.
    pub(crate) fn aside(&self, aside: Aside, reason: &'static str) {
        write(&self.standing).aside = Some((now(), aside, reason));
    }

    /// It is tried again.
    pub(crate) fn released(&self) {
        write(&self.standing).aside = None;
    }

    /// What was offered last under its name does not run, or does. `reason`: a word.
    pub(super) fn refused(&self, reason: Option<&'static str>) {
        write(&self.standing).refused = reason;
    }

    /// Whether any version of it ever ran.
    pub(super) fn has_begun(&self) -> bool {
        read(&self.standing).identity.is_some()
    }

    /// Another version of it was to run. `result`: what became of that, in a word.
    pub(crate) fn swap(&self, result: &'static str) {
        self.swaps.one(result);
    }

    /// What it has done so far.
    pub(crate) fn counts(&self) -> Counts {
        let mut counts = Counts { calls: self.called.get(), fuel: self.fuel.get(), ..Counts::default() };
        counts.add(&self.deeds);
        read(&self.syncers).values().for_each(|syncer| counts.add(&syncer.deeds));
        counts
    }

    fn took(&self, function: &'static str, seconds: f64) {
        if let Some(calls) = read(&self.calls).get(function) {
            return calls.observe(seconds);
        }
        write(&self.calls).entry(function).or_insert_with(|| Histogram::new(CALLS)).observe(seconds);
    }
}

/// A call that is under way.
#[derive(Debug)]
pub(crate) struct Calling<'m> {
    meter: &'m PluginMeter,
    function: &'static str,
    began: Instant,
    span: EnteredSpan,
}

impl Calling<'_> {
    /// It ended, and took this.
    pub(crate) fn ended(self, cost: Cost) {
        self.meter.fuel.inc_by(cost.fuel);
        self.meter.memory.observe(cost.memory as f64);
        self.span.record("sluice.fuel", cost.fuel).record("sluice.memory", cost.memory);
    }
}

impl Drop for Calling<'_> {
    fn drop(&mut self) {
        self.meter.instances.dec();
        self.meter.called.inc();
        self.meter.took(self.function, self.began.elapsed().as_secs_f64());
    }
}
