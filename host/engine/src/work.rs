//! What is done for one pair: the guest is called, its answer planned, and the plan written.

use std::sync::{Arc, PoisonError, RwLock};

use sluice_cluster::{Note, Reporter};
use sluice_core::finalizers;
use sluice_core::key::{Gvk, Side, Target, Time};
use sluice_core::object::Object;
use sluice_core::pair::{Pair, Step};
use sluice_core::plan::{Plan, Rules, plan};
use sluice_core::pointer;
use sluice_core::queue::Since;
use sluice_core::reconciler::{Effect, Outcome, Work};
use sluice_core::redact;
use sluice_core::syncer::Syncer;
use sluice_core::watched::Watched;
use sluice_core::write::{Read, Write, WriteError, Written};
use sluice_sandbox::{Call, Function};
use tracing::field::Empty;
use tracing::{Instrument, Span, debug, info, info_span, warn};

use crate::calls::Calls;
use crate::hooks::Hooks;
use crate::metrics::{PluginMeter, SyncerMeter};
use crate::plugins::Loaded;
use crate::quarantine::Quarantine;
use crate::sender::Sender;
use crate::trouble::Trouble;

/// All that the work of one syncer needs.
pub(crate) struct Workshop {
    pub(crate) syncer: Arc<Syncer>,
    pub(crate) gvk: Arc<Gvk>,
    pub(crate) plugin: Loaded,
    /// What the syncer's watches show.
    pub(crate) watched: Arc<RwLock<Watched>>,
    pub(crate) hooks: Hooks,
    pub(crate) reporter: Reporter,
    pub(crate) plugin_meter: Arc<PluginMeter>,
    pub(crate) meter: Arc<SyncerMeter>,
    /// Calls of this plugin at once.
    pub(crate) calls: Arc<Calls>,
    /// Its writes.
    pub(crate) sender: Arc<Sender>,
    pub(crate) quarantine: Arc<Quarantine>,
}

impl Workshop {
    /// Does a piece of work, and tells the user and the log how it went.
    pub(crate) async fn perform(self: Arc<Self>, work: Work, now: Time) -> (Pair, Outcome) {
        let span = info_span!(
            "sync",
            otel.name = format!("sync {}", self.syncer.mark()),
            sluice.plugin = self.plugin.name(),
            sluice.syncer = self.name(),
            sluice.kind = %self.gvk,
            sluice.key = %work.pair.key,
            sluice.attempt = work.attempt,
            sluice.waited_ms = work.since.asked.until(now),
            otel.status_code = Empty,
            sluice.reason = Empty,
        );
        self.work(work, now).instrument(span).await
    }

    async fn work(self: Arc<Self>, work: Work, now: Time) -> (Pair, Outcome) {
        let Work { pair, step, attempt, stranger, since } = work;
        let pair = Arc::new(pair);
        let asked = step.is_the_plugins();
        let mut effects = Vec::new();
        let result = match self.plan(&pair, step, attempt, now).await {
            Ok(plan) => self.carry_out(&pair, plan, since, &mut effects).await,
            Err(trouble) => Err(trouble),
        };
        self.heed(&pair, &effects, attempt);
        let outcome = match result {
            Ok(requeue) if asked => Outcome::Done { effects, requeue },
            Ok(_) => Outcome::Written { effects },
            Err(trouble) => {
                Span::current().record("otel.status_code", "ERROR").record("sluice.reason", trouble.reason());
                self.tell(&pair, stranger.as_deref(), &trouble, attempt).await;
                match trouble {
                    Trouble::Said { permanent: true, .. } => Outcome::Rejected,
                    _ => Outcome::Failed { effects, after: trouble.after() },
                }
            }
        };
        (Arc::unwrap_or_clone(pair), outcome)
    }

    async fn plan(self: &Arc<Self>, pair: &Arc<Pair>, step: Step, attempt: u32, now: Time) -> Result<Plan, Trouble> {
        let own = |writes| Ok(Plan { writes, ..Plan::default() });
        let function = match step {
            Step::Rest => return Ok(Plan::default()),
            Step::Delete(reason) => {
                debug!(syncer = self.name(), key = %pair.key, ?reason, "deleting the copy");
                return own(pair.removal(&self.gvk).into_iter().collect());
            }
            Step::Finalizers => return own(finalizers::writes(pair, &self.syncer)),
            Step::Blocked => {
                let side = self.syncer.direction().copy();
                return Err(Trouble::Occupied { place: pair.target(side, &self.gvk).to_string(), side });
            }
            Step::SyncDown => Function::SyncDown,
            Step::Sync => Function::Sync,
            Step::SyncUp => Function::SyncUp,
            Step::Create => Function::Create,
            Step::Keep => Function::Keep,
        };
        // Before the call counts as one of its plugin's: a hook may be of the same plugin.
        let shown = self.hooks.shown(pair, &self.gvk).await?;
        let (shop, pair, key) = (Arc::clone(self), Arc::clone(pair), pair.key.clone());
        let called = self.calls.run(move || shop.call(&pair, &shown, function, attempt, now)).await;
        let called = called.unwrap_or_else(|fault| Err(self.plugin.failed(fault)));
        match &called {
            Ok(_) | Err(Trouble::Said { .. }) => self.quarantine.succeeded(),
            Err(trouble) if trouble.is_the_plugins() => {
                self.quarantine.failed(self.syncer.mark(), &key, trouble.reason());
            }
            Err(_) => {}
        }
        called
    }

    /// Asks the guest, which is `shown` what hooks make of the pair, and plans what it answers. Blocks while it computes.
    fn call(&self, pair: &Pair, shown: &Pair, function: Function, attempt: u32, now: Time) -> Result<Plan, Trouble> {
        // It may have been set aside while this waited for its turn.
        if let Some(left) = self.quarantine.left() {
            return Err(Trouble::Aside(left));
        }
        let syncer = self.name();
        let (gvk, watched) = (&self.gvk, &self.watched);
        let calling = self.plugin_meter.call(function.name());
        let reply = self.plugin.plugin.call(Call { syncer, gvk, function, pair: shown, watched, now, attempt });
        calling.ended(reply.cost);
        debug!(syncer, key = %pair.key, function = function.name(), fuel = reply.cost.fuel, "called");
        let intents = self.plugin.intents(reply)?;
        let watched = watched.read().unwrap_or_else(PoisonError::into_inner);
        let rules = Rules { watched: Some(&watched), ..self.plugin.rules() };
        plan(rules, &self.syncer, pair, &intents).map_err(|refusal| self.plugin.refused(refusal))
    }

    /// Writes what was planned, in order, until one write fails. `since`: when it was asked for.
    async fn carry_out(
        &self,
        pair: &Pair,
        plan: Plan,
        since: Since,
        effects: &mut Vec<Effect>,
    ) -> Result<Option<u32>, Trouble> {
        for write in plan.writes {
            let (verb, target) = (write.verb(), write.target().clone());
            let own = target == pair.target(target.side, &self.gvk);
            let standing = pair.half(target.side).filter(|_| own);
            let Some(write) = self.hooks.write(after(write, effects), standing.map(|object| &**object)).await? else {
                continue;
            };
            self.sender.turn().await;
            match self.sender.send(&write).await {
                Ok(written) => {
                    info!(syncer = self.name(), verb, object = %target, "wrote");
                    self.meter.wrote(target.side, verb, since);
                    // Another object than those of the pair is not waited for.
                    effects.extend(own.then(|| effect(&write, written)));
                }
                // It was to be there, and it is.
                Err(WriteError::Exists) if !own => {}
                Err(error) => return Err(Trouble::Write { verb, target: target.to_string(), error }),
            }
        }
        for note in &plan.events {
            self.event(pair, None, &note.reason, &note.message, note.warning).await;
        }
        Ok(plan.requeue)
    }

    /// Counts what went wrong. The log and the user hear of it at the first failure and whenever their number doubles.
    async fn tell(&self, pair: &Pair, stranger: Option<&Object>, trouble: &Trouble, attempt: u32) {
        // That was told and counted once for all.
        if matches!(trouble, Trouble::Aside(_)) {
            return;
        }
        self.meter.failure(trouble.reason());
        let (syncer, plugin) = (self.name(), self.plugin.name());
        if trouble.passes() {
            debug!(syncer, key = %pair.key, %trouble, "to be tried again");
            return;
        }
        if attempt.is_power_of_two() {
            let said = redact::without_secrets(&trouble.to_string(), pair);
            warn!(plugin, syncer, key = %pair.key, attempt, reason = trouble.reason(), "{said}");
            self.event(pair, stranger, "SyncError", &format!("Error syncing: {}", trouble.for_virtual()), true).await;
        }
    }

    /// Somebody, such as a webhook, makes something else of what is written. Once is no news: it is tried again.
    fn heed(&self, pair: &Pair, effects: &[Effect], attempt: u32) {
        if effects.iter().all(Effect::is_kept) {
            return;
        }
        self.meter.failure("not-kept");
        if attempt > 1 && attempt.is_power_of_two() {
            let (plugin, syncer) = (self.plugin.name(), self.name());
            warn!(plugin, syncer, key = %pair.key, attempt, reason = "not-kept", "an API server stores something else than was written");
        }
    }

    /// Publishes an Event on the virtual object, or on what stands in its place.
    async fn event(&self, pair: &Pair, stranger: Option<&Object>, reason: &str, message: &str, warning: bool) {
        let stranger = stranger.filter(|_| self.syncer.direction().copy() == Side::Virtual);
        let Some(object) = pair.virtual_.as_deref().or(stranger) else { return };
        let action = format!("Sync{}", self.gvk.kind);
        let message = redact::for_virtual(message, pair);
        let note = Note { reason, action: &action, message: &message, warning };
        self.reporter.report(&pair.target(Side::Virtual, &self.gvk), Some(&Read::from(object)), &note).await;
    }

    fn name(&self) -> &str {
        &self.syncer.registered.name
    }
}

/// A write of what an earlier write of the same answer changed, such as its status, is about what that left.
fn after(mut write: Write, effects: &[Effect]) -> Write {
    if let Write::Patch { target, read, .. } | Write::Delete { target, read } = &mut write {
        for effect in effects {
            if let Effect::Stored { side, object, .. } = effect
                && *side == target.side
                && object.key == target.key
            {
                *read = Read::from(&**object);
            }
        }
    }
    write
}

/// What a write that happened means for its pair.
fn effect(write: &Write, written: Written) -> Effect {
    let Target { side, .. } = *write.target();
    match (write, written) {
        // The last finalizer of what was being deleted went with this write: no watch will show this version.
        (Write::Patch { read, .. }, Written::Stored(object)) if object.deleting && is_free(&object) => {
            Effect::Deleted { side, read: read.clone() }
        }
        (_, Written::Stored(object)) => Effect::Stored { side, settled: write.is_settled_by(&object), object },
        (Write::Patch { read, .. } | Write::Delete { read, .. }, _) => Effect::Deleted { side, read: read.clone() },
        // Neither is ever answered like this.
        (Write::Create { .. } | Write::Apply { .. }, Written::Deleted) => {
            Effect::Deleted { side, read: Read { uid: "".into(), version: "".into() } }
        }
    }
}

fn is_free(object: &Object) -> bool {
    pointer::get(&object.json, "/metadata/finalizers").is_none_or(|finalizers| finalizers == "[]")
}
