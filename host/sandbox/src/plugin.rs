//! A plugin, ready to be called. Each call has a store and an instance of its own, and leaves nothing behind.

use std::sync::{Arc, RwLock};

use sluice_core::intent::Answer;
use sluice_core::key::{Direction, Gvk, Side, Time};
use sluice_core::pair::Pair;
use sluice_core::registration::Registration;
use sluice_core::watched::Watched;
use wasmtime::component::{InstancePre, Resource};

use crate::answer::answer;
use crate::bindings::v0_1::exports::sluice::plugin as exports;
use crate::bindings::v0_1::sluice::plugin::intents::{Intent, Paired};
use crate::bindings::v0_1::sluice::plugin::objects;
use crate::fault::Fault;
use crate::handle::{Handle, key_out};
use crate::link::Exports;
use crate::run::{Cost, run};
use crate::state::{Setting, Shared, State};

/// A component that was linked and has registered.
#[derive(Clone)]
pub struct Plugin {
    pub(crate) pre: InstancePre<State>,
    pub(crate) exports: Exports,
    pub(crate) setting: Arc<Shared>,
    pub(crate) registration: Arc<Registration>,
}

/// Which function of the syncer interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// There is a virtual object alone.
    SyncDown,
    /// There are both.
    Sync,
    /// There is a physical object alone.
    SyncUp,
    /// A virtual object is wanted, and not there.
    Create,
    /// The virtual object, which has no other half, is there.
    Keep,
    /// What is asked for is the copy that is made of the virtual object, whatever stands there. The answer is that one
    /// desire of the physical object.
    Translate,
}

impl Function {
    /// As in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::SyncDown => "sync-down",
            Self::Sync => "sync",
            Self::SyncUp => "sync-up",
            Self::Create => "create",
            Self::Keep => "keep",
            Self::Translate => "translate",
        }
    }
}

/// One call of a syncer.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The syncer's name in the registration.
    pub syncer: &'a str,
    /// The kind of both sides.
    pub gvk: &'a Arc<Gvk>,
    /// Which function.
    pub function: Function,
    /// The objects.
    pub pair: &'a Pair,
    /// What the syncer's watches show.
    pub watched: &'a Arc<RwLock<Watched>>,
    /// The time.
    pub now: Time,
    /// 1, or more after failures.
    pub attempt: u32,
}

/// What came of a call.
#[derive(Debug)]
pub struct Reply<T = Answer> {
    /// The answer, or the guest's fault.
    pub result: Result<T, Fault>,
    /// What it cost.
    pub cost: Cost,
}

impl Plugin {
    /// What it said that it is.
    pub fn registration(&self) -> &Registration {
        &self.registration
    }

    /// Where it runs and what it may use.
    pub fn setting(&self) -> &Setting {
        &self.setting
    }

    /// Asks what shall be deployed before its syncers run. Blocks as [`Self::call`] does.
    pub fn init(&self, now: Time) -> Reply {
        let (result, cost) = run(&self.pre, &self.setting, now, "init".into(), |store, instance| {
            let guest = self.exports.lifecycle.load(&mut *store, instance)?;
            guest.call_init(store, now.0)
        });
        Reply { result: result.map(|said| answer(said, false)), cost }
    }

    /// Calls a syncer. Blocks for as long as the guest computes, which its fuel bounds.
    pub fn call(&self, call: Call<'_>) -> Reply {
        let about = format!("{} {}", call.gvk.kind, call.pair.key);
        let (result, cost) = run(&self.pre, &self.setting, call.now, about, |store, instance| {
            store.data_mut().watched = Some(Arc::clone(call.watched));
            let record = exports::syncer::Call { syncer: call.syncer.into(), now: call.now.0, attempt: call.attempt };
            let mut half = |side| -> wasmtime::Result<Resource<Handle>> {
                // `Pair::step` chooses a function only where its objects exist.
                let handle = self.handle(&call, side).ok_or_else(|| wasmtime::format_err!("the object is missing"))?;
                store.data_mut().hold(handle)
            };
            let said = match call.function {
                Function::SyncDown => {
                    let virtual_ = half(Side::Virtual)?;
                    exported(&self.exports.syncer)?.load(&mut *store, instance)?.call_sync_down(
                        &mut *store,
                        &record,
                        virtual_,
                    )
                }
                Function::Sync => {
                    let (physical, virtual_) = (half(Side::Physical)?, half(Side::Virtual)?);
                    let guest = exported(&self.exports.syncer)?.load(&mut *store, instance)?;
                    guest.call_sync(&mut *store, &record, physical, virtual_)
                }
                Function::SyncUp => {
                    let physical = half(Side::Physical)?;
                    exported(&self.exports.syncer)?.load(&mut *store, instance)?.call_sync_up(
                        &mut *store,
                        &record,
                        physical,
                    )
                }
                Function::Create => {
                    let guest = exported(&self.exports.virtual_syncer)?.load(&mut *store, instance)?;
                    guest.call_create(&mut *store, &record, &key_out(&call.pair.key))
                }
                Function::Keep => {
                    let virtual_ = half(Side::Virtual)?;
                    exported(&self.exports.virtual_syncer)?.load(&mut *store, instance)?.call_sync(
                        &mut *store,
                        &record,
                        virtual_,
                    )
                }
                Function::Translate => {
                    let virtual_ = half(Side::Virtual)?;
                    let guest = exported(&self.exports.syncer)?.load(&mut *store, instance)?;
                    let form = guest.call_translate(&mut *store, &record, virtual_)?;
                    Ok(form.map(|body| vec![Intent::Desire(Paired { side: objects::Side::Physical, body })]))
                }
            };
            Ok(answer(said?, store.data().log.is_withheld()))
        });
        Reply { result, cost }
    }

    fn handle(&self, call: &Call<'_>, side: Side) -> Option<Handle> {
        let object = call.pair.half(side)?;
        Some(Handle {
            side,
            gvk: Arc::clone(call.gvk),
            object: Arc::clone(object),
            origin: (side == Side::Physical && call.pair.direction == Direction::Down).then(|| call.pair.key.clone()),
            counterpart: (call.pair.direction != Direction::Virtual).then(|| match side {
                Side::Virtual => call.pair.physical_key.clone(),
                Side::Physical => call.pair.key.clone(),
            }),
            settled: call.pair.settled(side).cloned(),
        })
    }
}

/// `register` lets no plugin through that registers what it does not export.
pub(crate) fn exported<T>(interface: &Option<Arc<T>>) -> wasmtime::Result<&T> {
    interface.as_deref().ok_or_else(|| wasmtime::format_err!("it does not export the interface that is called"))
}
