//! Two clusters with a runtime between them.

mod asked;

use std::sync::Arc;

use serde_json::Value;
use sluice_core::finalizers;
use sluice_core::grants::Grants;
use sluice_core::key::{Side, Time};
use sluice_core::limits::Limits;
use sluice_core::pair::{Pair, Step};
use sluice_core::plan::{Plan, Rules, plan};
use sluice_core::reconciler::{Effect, Outcome, Reconciler, Work};
use sluice_core::registration;
use sluice_core::syncer::Syncer;
use sluice_core::translate::Translator;
use sluice_core::write::{Read, Write, Written};

use crate::cluster::{self, Cluster};
use crate::happening::Fate;
use crate::plugin;
use asked::Asked;

pub(crate) struct Stage {
    pub(crate) syncer: Arc<Syncer>,
    pub(crate) virtual_: Cluster,
    pub(crate) physical: Cluster,
    pub(crate) asked: Asked,
    reconciler: Reconciler,
    under_way: Vec<Flight>,
    now: Time,
    pub(crate) writes: u32,
    pub(crate) calls: u32,
}

/// A piece of work that has begun.
struct Flight {
    pair: Pair,
    /// Whether the plugin was asked.
    asked: bool,
    /// None where there is nothing that could be done.
    plan: Option<Plan>,
}

impl Stage {
    /// For a syncer as a plugin registers it.
    pub(crate) fn new(registered: Value) -> Self {
        let translator = Arc::new(Translator::new("vc", "ns").expect("names"));
        let registered: registration::Syncer = serde_json::from_value(registered).expect("a syncer");
        let syncer = Arc::new(Syncer::new(registered, "p", translator));
        let [virtual_, physical] = Side::BOTH.map(|_| Cluster::new(syncer.gvk().clone()));
        let asked = Asked::new(&syncer.registered.watches);
        let reconciler = reconciler(&syncer);
        let (under_way, now) = (vec![], Time(1));
        let mut stage = Self { syncer, virtual_, physical, asked, reconciler, under_way, now, writes: 0, calls: 0 };
        stage.relist(Side::Virtual);
        stage.relist(Side::Physical);
        stage
    }

    pub(crate) fn cluster(&mut self, side: Side) -> &mut Cluster {
        match side {
            Side::Virtual => &mut self.virtual_,
            Side::Physical => &mut self.physical,
        }
    }

    /// Returns whether there was an event.
    pub(crate) fn deliver(&mut self, side: Side) -> bool {
        let event = self.cluster(side).deliver();
        event.map(|event| self.hear(side, event)).is_some()
    }

    pub(crate) fn relist(&mut self, side: Side) {
        let event = self.cluster(side).relist();
        self.hear(side, event);
    }

    /// Takes the next piece of work and asks the plugin.
    pub(crate) fn begin(&mut self) {
        let Some(Work { pair, step, .. }) = self.reconciler.next(self.now) else { return };
        assert!(self.under_way.iter().all(|other| other.pair.key != pair.key), "two calls for {}", pair.key);
        let asked = step.is_the_plugins();
        let own = |writes| Some(Plan { writes, ..Plan::default() });
        let plan = match step {
            Step::Rest | Step::Blocked => None,
            Step::Finalizers => own(finalizers::writes(&pair, &self.syncer)),
            Step::Delete(_) => own(pair.removal(self.syncer.gvk()).into_iter().collect()),
            Step::SyncDown | Step::Sync | Step::SyncUp | Step::Create | Step::Keep => {
                self.calls += 1;
                let (grants, limits) = (Grants::default(), Limits::default());
                let rules = Rules { grants: &grants, limits: &limits, manager: "p", watched: None };
                let intents = plugin::answer(&self.syncer, &pair, self.asked.word);
                Some(plan(rules, &self.syncer, &pair, &intents).expect("a plan"))
            }
        };
        self.under_way.push(Flight { pair, asked, plan });
    }

    /// Carries out a piece of work and reports it. The fate is that of its last write.
    pub(crate) fn end(&mut self, which: usize, fate: Fate) {
        if self.under_way.is_empty() {
            return;
        }
        let Flight { pair, asked, plan } = self.under_way.remove(which % self.under_way.len());
        let mut effects = Vec::new();
        let writes = plan.as_ref().map(|plan| &plan.writes[..]).unwrap_or_default();
        let done = plan.is_some()
            && writes.iter().enumerate().all(|(at, write)| {
                let effect =
                    self.write(&after(write, &effects), if at + 1 == writes.len() { fate } else { Fate::Kept });
                effects.extend(effect.clone());
                effect.is_some()
            });
        let outcome = match done {
            true if asked => Outcome::Done { effects, requeue: None },
            true => Outcome::Written { effects },
            false => Outcome::Failed { effects, after: None },
        };
        self.reconciler.finish(pair, outcome, self.now);
    }

    fn write(&mut self, write: &Write, fate: Fate) -> Option<Effect> {
        let side = write.target().side;
        let own = side == self.syncer.direction().copy() || self.syncer.registered.finalizers;
        assert!(own, "a source is another's: {write:?}");
        if fate == Fate::Unsent {
            return None;
        }
        let written = self.cluster(side).write(write).ok()?;
        self.writes += 1;
        let effect = match (write, written) {
            // The last finalizer of what was being deleted went with it.
            (Write::Patch { read, .. }, Written::Stored(object)) if object.deleting && is_free(&object.json) => {
                Effect::Deleted { side, read: read.clone() }
            }
            (_, Written::Stored(object)) => Effect::Stored { side, settled: write.is_settled_by(&object), object },
            (Write::Delete { read, .. }, _) => Effect::Deleted { side, read: read.clone() },
            (write, written) => panic!("{write:?}: {written:?}"),
        };
        (fate == Fate::Kept).then_some(effect)
    }

    pub(crate) fn crash(&mut self) {
        self.under_way.clear();
        self.reconciler = reconciler(&self.syncer);
        self.asked.forget(&self.syncer.registered.watches);
        self.relist(Side::Virtual);
        self.relist(Side::Physical);
    }

    pub(crate) fn pass(&mut self, milliseconds: u64) {
        self.now = self.now.after(milliseconds);
    }

    /// From here on nothing goes wrong, and there is time.
    pub(crate) fn come_to_rest(&mut self) {
        self.file();
        // Long enough for the longest backoff to end twice; an object that cannot be placed is tried for ever.
        for _ in 0..400 {
            self.go_on(20);
            self.pass(2_000);
        }
    }

    /// Events are delivered and work is done, as long as there is any and at most so often.
    pub(crate) fn go_on(&mut self, rounds: u32) {
        for _ in 0..rounds {
            let news = Side::BOTH.map(|side| self.deliver(side)) != [false; 2];
            self.begin();
            if !news && self.under_way.is_empty() {
                break;
            }
            self.end(0, Fate::Kept);
        }
    }

    /// What is not silent in a steady state, after a relist and after a restart too.
    pub(crate) fn noise(&mut self) -> Vec<&'static str> {
        let mut noise = Vec::new();
        let (writes, calls) = (self.writes, self.calls);
        self.relist(Side::Virtual);
        self.relist(Side::Physical);
        self.come_to_rest();
        if (self.writes, self.calls) != (writes, calls) {
            noise.push("a relist is no reason to write or to call");
        }
        self.crash();
        self.come_to_rest();
        if self.writes != writes {
            noise.push("a restart is no reason to write");
        }
        noise
    }
}

/// Of its halves, or what stands for them, and of the watch that says where own names lead.
fn reconciler(syncer: &Arc<Syncer>) -> Reconciler {
    Reconciler::new(Arc::clone(syncer), true, if syncer.registered.has_own_names() { 3 } else { 2 })
}

/// A write of what an earlier one of the same answer changed is about what that left.
fn after(write: &Write, effects: &[Effect]) -> Write {
    let mut write = write.clone();
    if let Write::Patch { target, read, .. } = &mut write {
        let same = |effect: &&Effect| matches!(effect, Effect::Stored { side, .. } if *side == target.side);
        if let Some(Effect::Stored { object, .. }) = effects.iter().rfind(same) {
            *read = Read::from(&**object);
        }
    }
    write
}

fn is_free(object: &str) -> bool {
    cluster::finalizers(&serde_json::from_str(object).expect("JSON")).is_empty()
}
