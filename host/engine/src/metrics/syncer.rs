//! What is counted and seen of one syncer.

use std::sync::{Arc, RwLock};

use prometheus_client::metrics::histogram::Histogram;
use sluice_admin::state::Step;
use sluice_core::key::{Gvk, Side, Time};
use sluice_core::queue::{Depth, Since};
use sluice_core::reconciler::Reconciler;
use sluice_core::syncer::Syncer;

use super::deeds::Deeds;
use super::heard::{Ear, Ears};
use super::{read, seconds, waits, write};
use crate::syncer::now;

/// What is counted and seen of the syncer of one name.
#[derive(Debug)]
pub(crate) struct SyncerMeter {
    pub(super) name: String,
    /// `v1 ConfigMap`.
    pub(super) kind: String,
    pub(super) direction: String,
    pub(super) deeds: Deeds,
    /// From what happened to the last write that it led to.
    pub(super) lag: Histogram,
    /// From when a key could be taken to when it was.
    pub(super) waited: Histogram,
    pub(super) ears: Ears,
    turn: RwLock<Turn>,
}

/// How it stood after its last turn.
#[derive(Clone, Debug, Default)]
pub(super) struct Turn {
    pub(super) step: Step,
    /// Virtual and physical.
    pub(super) objects: (usize, usize),
    pub(super) depth: Depth,
}

impl Turn {
    /// For how long the oldest key that could be taken has not been, in milliseconds.
    pub(super) fn oldest(&self) -> u64 {
        self.depth.oldest.map_or(0, |since| now().until(since))
    }
}

impl SyncerMeter {
    pub(super) fn new(syncer: &Syncer) -> Self {
        Self {
            name: syncer.registered.name.clone(),
            kind: syncer.gvk().to_string(),
            direction: syncer.direction().to_string(),
            deeds: Deeds::default(),
            lag: waits(),
            waited: waits(),
            ears: Ears::default(),
            turn: RwLock::default(),
        }
    }

    /// Whether it is what is counted here.
    pub(super) fn is_of(&self, syncer: &Syncer) -> bool {
        (&self.name, &self.kind, &self.direction)
            == (&syncer.registered.name, &syncer.gvk().to_string(), &syncer.direction().to_string())
    }

    /// It waits for something that is not there. `why`: in words of our own.
    pub(crate) fn waits(&self, why: &str) {
        self.ears.none();
        *write(&self.turn) = Turn { step: Step::Waiting { why: why.into() }, ..Turn::default() };
    }

    /// What it needs is there: its watches begin.
    pub(crate) fn begins(&self) {
        self.ears.none();
        *write(&self.turn) = Turn::default();
    }

    /// A watch of its begins, which tells what is given whenever it hears something.
    pub(crate) fn ear(&self, side: Side, gvk: &Gvk) -> Arc<Ear> {
        self.ears.one_more(side, gvk)
    }

    /// It stands like this now.
    pub(crate) fn stands(&self, reconciler: &Reconciler) {
        let step = if reconciler.is_synced() { Step::Synced } else { Step::Starting };
        *write(&self.turn) = Turn { step, objects: reconciler.objects(), depth: reconciler.depth() };
    }

    pub(super) fn turn(&self) -> Turn {
        read(&self.turn).clone()
    }

    /// A key was taken.
    pub(crate) fn taken(&self, since: Since, now: Time) {
        self.waited.observe(seconds(now.until(since.ready)));
    }

    /// A write happened.
    pub(crate) fn wrote(&self, side: Side, verb: &'static str, since: Since) {
        self.deeds.writes.one((side, verb));
        self.lag.observe(seconds(now().until(since.asked)));
    }

    /// Something failed.
    pub(crate) fn failure(&self, reason: &'static str) {
        self.deeds.failures.one(reason);
    }
}
