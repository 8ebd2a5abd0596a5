//! What is done for one pair: the guest is called, its answer planned, and the plan written.

use std::sync::Arc;

use sluice_cluster::{Note, Reporter, Writer};
use sluice_core::grants::Grants;
use sluice_core::intent::Failure;
use sluice_core::key::{Gvk, Side, Target, Time};
use sluice_core::pair::{Pair, Step};
use sluice_core::plan::{Plan, Refusal, Rules, plan};
use sluice_core::reconciler::{Effect, Outcome, Work};
use sluice_core::write::{Read, Write, WriteError, Written};
use sluice_sandbox::{Call, Fault, Function, Plugin};
use tokio::sync::Semaphore;
use tracing::{debug, info, warn};

use crate::totals::Totals;

/// All that the work of one syncer needs.
pub(crate) struct Workshop {
    pub(crate) syncer: String,
    pub(crate) gvk: Arc<Gvk>,
    pub(crate) plugin: Plugin,
    pub(crate) grants: Grants,
    pub(crate) writer: Writer,
    pub(crate) reporter: Reporter,
    pub(crate) totals: Arc<Totals>,
    /// Calls of this plugin at once.
    pub(crate) calls: Arc<Semaphore>,
}

/// Why a piece of work was not done.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("plugin {plugin} says: {why}")]
    Said { plugin: String, why: String, permanent: bool },
    #[error("plugin {plugin} failed: {fault}")]
    Fault { plugin: String, fault: Fault },
    #[error("the answer of plugin {plugin} is refused: {refusal}")]
    Refused { plugin: String, refusal: Refusal },
    #[error(
        "cannot sync to {place}: something is there that this virtual cluster does not manage; \
         rename this object, or have that one removed"
    )]
    Occupied { place: String },
    #[error("cannot {verb} {target}: {error}")]
    Write { verb: &'static str, target: String, error: WriteError },
}

impl Trouble {
    /// A word for counters.
    fn reason(&self) -> &'static str {
        match self {
            Self::Said { permanent: false, .. } => "retry",
            Self::Said { permanent: true, .. } => "permanent",
            Self::Fault { fault, .. } => fault.reason(),
            Self::Refused { .. } => "refused",
            Self::Occupied { .. } => "occupied",
            Self::Write { error, .. } => match error {
                WriteError::Stale | WriteError::Exists => "conflict",
                WriteError::Throttled(_) => "throttled",
                WriteError::NotLeading => "not-leading",
                WriteError::Rejected(_) => "rejected",
                WriteError::Unavailable(_) => "unavailable",
            },
        }
    }

    /// Whether it passes by itself, so that nobody needs to hear of it.
    fn passes(&self) -> bool {
        match self {
            Self::Write { error, .. } => !matches!(error, WriteError::Rejected(_) | WriteError::Unavailable(_)),
            Self::Fault { fault, .. } => matches!(fault, Fault::Busy(_)),
            _ => false,
        }
    }

    fn after(&self) -> Option<u64> {
        match self {
            Self::Write { error: WriteError::Throttled(after), .. } => Some(*after),
            _ => None,
        }
    }
}

impl Workshop {
    /// Does a piece of work, and tells the user and the log how it went.
    pub(crate) async fn perform(self: Arc<Self>, work: Work, now: Time) -> (Pair, Outcome) {
        let Work { pair, step, attempt } = work;
        let pair = Arc::new(pair);
        let mut effects = Vec::new();
        let result = match self.plan(&pair, step, attempt, now).await {
            Ok(plan) => self.carry_out(&pair, plan, &mut effects).await,
            Err(trouble) => Err(trouble),
        };
        let outcome = match result {
            Ok(requeue) => Outcome::Done { effects, requeue },
            Err(trouble) => {
                self.tell(&pair, &trouble, attempt).await;
                match trouble {
                    Trouble::Said { permanent: true, .. } => Outcome::Rejected,
                    _ => Outcome::Failed { effects, after: trouble.after() },
                }
            }
        };
        (Arc::unwrap_or_clone(pair), outcome)
    }

    async fn plan(self: &Arc<Self>, pair: &Arc<Pair>, step: Step, attempt: u32, now: Time) -> Result<Plan, Trouble> {
        let function = match step {
            Step::Rest => return Ok(Plan::default()),
            Step::Delete(reason) => {
                debug!(syncer = self.syncer, key = %pair.key, ?reason, "deleting the copy");
                return Ok(Plan { writes: pair.removal(&self.gvk).into_iter().collect(), ..Plan::default() });
            }
            Step::Blocked => return Err(Trouble::Occupied { place: self.target(Side::Physical, pair).to_string() }),
            Step::SyncDown => Function::SyncDown,
            Step::Sync => Function::Sync,
            Step::SyncUp => Function::SyncUp,
        };
        // The semaphore is never closed; a guest computes on a thread of its own, so that the watches go on.
        let permit = Arc::clone(&self.calls).acquire_owned().await;
        let (shop, pair) = (Arc::clone(self), Arc::clone(pair));
        let called = tokio::task::spawn_blocking(move || {
            let planned = shop.call(&pair, function, attempt, now);
            drop(permit);
            planned
        });
        called.await.unwrap_or_else(|panic| {
            let fault = Fault::Trap(format!("the call panicked: {panic}"));
            Err(Trouble::Fault { plugin: self.name(), fault })
        })
    }

    /// Asks the guest, and plans what it answers. Blocks while it computes.
    fn call(&self, pair: &Pair, function: Function, attempt: u32, now: Time) -> Result<Plan, Trouble> {
        let reply = self.plugin.call(Call { syncer: &self.syncer, gvk: &self.gvk, function, pair, now, attempt });
        self.totals.call(reply.fuel);
        debug!(syncer = self.syncer, key = %pair.key, function = function.name(), fuel = reply.fuel, "called");
        let plugin = || self.name();
        let intents = reply.result.map_err(|fault| Trouble::Fault { plugin: plugin(), fault })?.map_err(|failure| {
            let (why, permanent) = match failure {
                Failure::Retry(why) => (why, false),
                Failure::Permanent(why) => (why, true),
            };
            Trouble::Said { plugin: plugin(), why, permanent }
        })?;
        let setting = self.plugin.setting();
        let rules =
            Rules { translator: &setting.translator, gvk: &self.gvk, grants: &self.grants, limits: &setting.limits };
        plan(rules, pair, &intents).map_err(|refusal| Trouble::Refused { plugin: plugin(), refusal })
    }

    /// Writes what was planned, in order, until one write fails.
    async fn carry_out(&self, pair: &Pair, plan: Plan, effects: &mut Vec<Effect>) -> Result<Option<u32>, Trouble> {
        for write in &plan.writes {
            let (verb, target) = (write.verb(), write.target());
            match self.writer.write(write).await {
                Ok(written) => {
                    info!(syncer = self.syncer, verb, object = %target, "wrote");
                    self.totals.write(verb);
                    effects.push(effect(write, written));
                }
                Err(error) => return Err(Trouble::Write { verb, target: target.to_string(), error }),
            }
        }
        for note in &plan.events {
            self.event(pair, &note.reason, &note.message, note.warning).await;
        }
        Ok(plan.requeue)
    }

    /// Counts what went wrong. The log and the user hear of it at the first failure and whenever their number doubles.
    async fn tell(&self, pair: &Pair, trouble: &Trouble, attempt: u32) {
        self.totals.failure(trouble.reason());
        if trouble.passes() {
            debug!(syncer = self.syncer, key = %pair.key, %trouble, "to be tried again");
            return;
        }
        if attempt.is_power_of_two() {
            warn!(syncer = self.syncer, key = %pair.key, attempt, reason = trouble.reason(), "{trouble}");
            self.event(pair, "SyncError", &format!("Error syncing: {trouble}"), true).await;
        }
    }

    /// Publishes an Event on the virtual object, if there is one.
    async fn event(&self, pair: &Pair, reason: &str, message: &str, warning: bool) {
        if let Some(object) = &pair.virtual_ {
            let action = format!("Sync{}", self.gvk.kind);
            let note = Note { reason, action: &action, message, warning };
            self.reporter.report(&self.target(Side::Virtual, pair), Some(&Read::from(&**object)), &note).await;
        }
    }

    fn target(&self, side: Side, pair: &Pair) -> Target {
        let key = match side {
            Side::Virtual => pair.key.clone(),
            Side::Physical => pair.physical_key.clone(),
        };
        Target { side, gvk: (*self.gvk).clone(), key }
    }

    fn name(&self) -> String {
        self.plugin.setting().plugin.clone()
    }
}

/// What a write that happened means for its pair.
fn effect(write: &Write, written: Written) -> Effect {
    let side = write.target().side;
    match (write, written) {
        (_, Written::Stored(object)) => Effect::Stored { side, settled: write.is_settled_by(&object), object },
        (Write::Patch { read, .. } | Write::Delete { read, .. }, _) => Effect::Deleted { side, read: read.clone() },
        // A create is never answered like this.
        (Write::Create { .. }, Written::Deleted) => {
            Effect::Deleted { side, read: Read { uid: "".into(), version: "".into() } }
        }
    }
}
