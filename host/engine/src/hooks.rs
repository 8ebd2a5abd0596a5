//! Hooks: every write, and what guests are shown, passes the plugins that asked to see it, one after the other.
//!
//! A hook is never skipped: one that fails denies.

use std::sync::{Arc, PoisonError, RwLock};

use serde_json::Value;
use sluice_core::hook::{self, Operation, Verdict};
use sluice_core::key::{Gvk, Side};
use sluice_core::object::Object;
use sluice_core::pair::Pair;
use sluice_core::registration;
use sluice_core::write::Write;
use sluice_sandbox::Occasion;

use crate::calls::Calls;
use crate::metrics::PluginMeter;
use crate::plugins::Loaded;
use crate::syncer::now;
use crate::trouble::Trouble;

/// One hook of one plugin.
pub(crate) struct Hook {
    pub(crate) registered: registration::Hook,
    pub(crate) plugin: Loaded,
    pub(crate) meter: Arc<PluginMeter>,
    /// Calls of this plugin at once.
    pub(crate) calls: Arc<Calls>,
}

/// All hooks, in their order: that of the plugins, and within one that of its registration. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Hooks(Arc<RwLock<All>>);

type All = Arc<[Arc<Hook>]>;

impl Hooks {
    /// From now on it is these.
    pub(crate) fn set(&self, hooks: impl IntoIterator<Item = Arc<Hook>>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = hooks.into_iter().collect();
    }

    /// As they are now: one review is by one set of them.
    fn now(&self) -> All {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The write that hooks leave of this one; none if nothing is left to do. `standing`: what it is about, if known.
    pub(crate) async fn write(&self, write: Write, standing: Option<&Object>) -> Result<Option<Write>, Trouble> {
        let hooks = self.now();
        if hooks.is_empty() {
            return Ok(Some(write));
        }
        let target = write.target().clone();
        let (operation, before) = hook::occasion(&write, standing);
        if !any(&hooks, target.side, &target.gvk, operation) {
            return Ok(Some(write));
        }
        let after = review(&hooks, target.side, &target.gvk, operation, before.clone()).await?;
        Ok(if after == before { Some(write) } else { hook::rewritten(write, standing, after) })
    }

    /// The pair as guests are shown it.
    pub(crate) async fn shown(&self, pair: &Arc<Pair>, gvk: &Gvk) -> Result<Arc<Pair>, Trouble> {
        let (hooks, mut shown) = (self.now(), Arc::clone(pair));
        for side in Side::BOTH.into_iter().filter(|&side| any(&hooks, side, gvk, Operation::Get)) {
            let Some(object) = pair.half(side) else { continue };
            let Ok(before) = serde_json::from_str::<Value>(&object.json) else { continue };
            let after = review(&hooks, side, gvk, Operation::Get, before.clone()).await?;
            let Ok(after) = Object::parse(gvk, &after.to_string()) else { continue };
            let pair = Arc::make_mut(&mut shown);
            match side {
                Side::Virtual => pair.virtual_ = Some(Arc::new(after)),
                Side::Physical => pair.physical = Some(Arc::new(after)),
            }
        }
        Ok(shown)
    }

    /// What the hooks make of an object that somebody else reads or writes; itself if there are none for it.
    pub(crate) async fn review(
        &self,
        side: Side,
        gvk: &Gvk,
        operation: Operation,
        object: Value,
    ) -> Result<Value, Trouble> {
        review(&self.now(), side, gvk, operation, object).await
    }
}

fn any(hooks: &All, side: Side, gvk: &Gvk, operation: Operation) -> bool {
    hooks.iter().any(|hook| hook.registered.is_for(side, gvk, operation))
}

/// What the hooks for this make of an object, each of what the one before it left.
async fn review(hooks: &All, side: Side, gvk: &Gvk, operation: Operation, mut object: Value) -> Result<Value, Trouble> {
    let gvk = Arc::new(gvk.clone());
    for hook in hooks.iter().filter(|hook| hook.registered.is_for(side, &gvk, operation)) {
        object = Arc::clone(hook).review(side, Arc::clone(&gvk), operation, object).await?;
    }
    Ok(object)
}

impl Hook {
    async fn review(
        self: Arc<Self>,
        side: Side,
        gvk: Arc<Gvk>,
        operation: Operation,
        object: Value,
    ) -> Result<Value, Trouble> {
        let hook = Arc::clone(&self);
        let called = self.calls.run(move || hook.call(side, &gvk, operation, object)).await;
        called.unwrap_or_else(|fault| {
            let (plugin, hook) = (self.plugin.name().to_owned(), self.registered.name.clone());
            Err(Trouble::Hook { plugin, hook, why: fault.to_string() })
        })
    }

    /// Asks the guest. Blocks while it computes.
    fn call(&self, side: Side, gvk: &Arc<Gvk>, operation: Operation, object: Value) -> Result<Value, Trouble> {
        let (plugin, hook) = (self.plugin.name().to_owned(), self.registered.name.clone());
        let failed = |why: String| Trouble::Hook { plugin: plugin.clone(), hook: hook.clone(), why };
        let outgoing = Object::parse(gvk, &object.to_string()).map_err(|error| failed(error.to_string()))?;
        let occasion = Occasion { hook: &hook, side, operation, gvk, now: now() };
        let calling = self.meter.call("review");
        let reply = self.plugin.plugin.review(occasion, Arc::new(outgoing));
        calling.ended(reply.cost);
        match reply.result {
            Ok(Verdict::Pass) => Ok(object),
            Ok(Verdict::Change(body)) => {
                hook::changed(side, gvk, &object, &body).map_err(|refusal| failed(refusal.to_string()))
            }
            Ok(Verdict::Deny(why)) => Err(Trouble::Denied { plugin: plugin.clone(), why }),
            Err(fault) => Err(failed(fault.to_string())),
        }
    }
}
