//! A plugin, ready to be called. Each call has a store and an instance of its own, and leaves nothing behind.

use std::sync::Arc;

use sluice_core::intent::{Answer, Body, Failure, Intent, Note};
use sluice_core::key::{Gvk, Side, Target, Time};
use sluice_core::object::Object;
use sluice_core::pair::Pair;
use sluice_core::registration::Registration;
use wasmtime::component::{InstancePre, Resource};
use wasmtime::{CallHook, Store};

use crate::bindings::v0_1::exports::sluice::plugin as exports;
use crate::bindings::v0_1::sluice::plugin as wit;
use crate::component::{Component, LoadError};
use crate::fault::Fault;
use crate::handle::{Handle, key_in};
use crate::sandbox::Sandbox;
use crate::state::{Setting, State};

/// A component that was linked and has registered.
#[derive(Clone)]
pub struct Plugin {
    pre: InstancePre<State>,
    syncer: Option<Arc<exports::syncer::GuestIndices>>,
    setting: Arc<Setting>,
    registration: Arc<Registration>,
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
}

impl Function {
    /// As in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::SyncDown => "sync-down",
            Self::Sync => "sync",
            Self::SyncUp => "sync-up",
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
    /// The time.
    pub now: Time,
    /// 1, or more after failures.
    pub attempt: u32,
}

/// What came of a call.
#[derive(Debug)]
pub struct Reply {
    /// The answer, or the guest's fault.
    pub result: Result<Answer, Fault>,
    /// What it cost: about one unit for an instruction.
    pub fuel: u64,
}

impl Plugin {
    /// Links a component and lets it register.
    pub fn load(sandbox: &Sandbox, component: &Component, setting: Setting) -> Result<Self, LoadError> {
        component.check()?;
        let types = |error: wasmtime::Error| LoadError::Types(format!("{error:#}"));
        let pre = sandbox.linker.instantiate_pre(&component.inner).map_err(types)?;
        let lifecycle = exports::lifecycle::GuestIndices::new(&pre).map_err(types)?;
        let syncer = component
            .exports("syncer")
            .then(|| exports::syncer::GuestIndices::new(&pre).map(Arc::new))
            .transpose()
            .map_err(types)?;
        let setting = Arc::new(setting);
        let (answer, _) = run(&pre, &setting, Time(0), "register".into(), |store, instance| {
            let syncer = syncer.as_ref().map_or(Ok(()), |syncer| syncer.load(&mut *store, instance).map(drop));
            match syncer.and_then(|()| lifecycle.load(&mut *store, instance)) {
                Ok(lifecycle) => Ok(Ok(lifecycle.call_register(store)?)),
                Err(error) => Ok(Err(types(error))),
            }
        });
        let registration = Registration::parse(&answer??.map_err(LoadError::Refused)?)?;
        if !registration.syncers.is_empty() && syncer.is_none() {
            return Err(LoadError::NoSyncer);
        }
        Ok(Self { pre, syncer, setting, registration: Arc::new(registration) })
    }

    /// What it said that it is.
    pub fn registration(&self) -> &Registration {
        &self.registration
    }

    /// Where it runs and what it may use.
    pub fn setting(&self) -> &Setting {
        &self.setting
    }

    /// Calls a syncer. Blocks for as long as the guest computes, which its fuel bounds.
    pub fn call(&self, call: Call<'_>) -> Reply {
        let Some(syncer) = &self.syncer else {
            // `load` lets no plugin with syncers through that exports none.
            return Reply { result: Ok(Err(Failure::Permanent("it has no syncer".into()))), fuel: 0 };
        };
        let about = format!("{} {}", call.gvk.kind, call.pair.key);
        let (result, fuel) = run(&self.pre, &self.setting, call.now, about, |store, instance| {
            let guest = syncer.load(&mut *store, instance)?;
            let record = exports::syncer::Call { syncer: call.syncer.into(), now: call.now.0, attempt: call.attempt };
            let [virtual_, physical] = Side::BOTH.map(|side| self.handle(&call, side));
            let mut hold = |handle: Option<Handle>| -> wasmtime::Result<Resource<Handle>> {
                // `Pair::step` chooses a function only where its objects exist.
                let handle = handle.ok_or_else(|| wasmtime::format_err!("the object is missing"))?;
                Ok(store.data_mut().table.push(handle)?)
            };
            match call.function {
                Function::SyncDown => {
                    let virtual_ = hold(virtual_)?;
                    guest.call_sync_down(store, &record, virtual_)
                }
                Function::Sync => {
                    let (physical, virtual_) = (hold(physical)?, hold(virtual_)?);
                    guest.call_sync(store, &record, physical, virtual_)
                }
                Function::SyncUp => {
                    let physical = hold(physical)?;
                    guest.call_sync_up(store, &record, physical)
                }
            }
        });
        let answer = |answer: Result<Vec<wit::intents::Intent>, wit::intents::Failure>| match answer {
            Ok(intents) => Ok(intents.into_iter().map(intent).collect()),
            Err(wit::intents::Failure::Retry(why)) => Err(Failure::Retry(why)),
            Err(wit::intents::Failure::Permanent(why)) => Err(Failure::Permanent(why)),
        };
        Reply { result: result.map(answer), fuel }
    }

    fn handle(&self, call: &Call<'_>, side: Side) -> Option<Handle> {
        let object: &Arc<Object> = match side {
            Side::Virtual => call.pair.virtual_.as_ref()?,
            Side::Physical => call.pair.physical.as_ref()?,
        };
        Some(Handle {
            side,
            gvk: Arc::clone(call.gvk),
            object: Arc::clone(object),
            origin: (side == Side::Physical).then(|| call.pair.key.clone()),
            settled: call.pair.settled(side).cloned(),
        })
    }
}

/// Runs `body` in a fresh instance. Returns what it gave, and the fuel that it took.
pub(crate) fn run<T>(
    pre: &InstancePre<State>,
    setting: &Arc<Setting>,
    now: Time,
    about: String,
    body: impl FnOnce(&mut Store<State>, &wasmtime::component::Instance) -> wasmtime::Result<T>,
) -> (Result<T, Fault>, u64) {
    let limits = &setting.limits;
    let mut store = Store::new(pre.engine(), State::new(Arc::clone(setting), now, about));
    store.limiter(|state| state);
    store.set_hostcall_fuel(limits.answer);
    store.set_max_component_handles(limits.handles);
    store.call_hook(|mut store, hook| match hook {
        CallHook::CallingHost => store.data_mut().exit(),
        _ => Ok(()),
    });
    let result = store
        .set_fuel(limits.fuel)
        .and_then(|()| pre.instantiate(&mut store))
        .and_then(|instance| body(&mut store, &instance));
    let fuel = limits.fuel - store.get_fuel().unwrap_or(0).min(limits.fuel);
    (result.map_err(|error| Fault::of(&error, store.data())), fuel)
}

fn side(side: wit::objects::Side) -> Side {
    match side {
        wit::objects::Side::Virtual => Side::Virtual,
        wit::objects::Side::Physical => Side::Physical,
    }
}

fn target(target: &wit::objects::Target) -> Target {
    let wit::objects::Gvk { group, version, kind } = &target.gvk;
    Target { side: side(target.side), gvk: Gvk::new(group, version, kind), key: key_in(&target.key) }
}

fn body(body: wit::intents::Body) -> Body {
    match body {
        wit::intents::Body::Whole(text) => Body::Whole(text),
        wit::intents::Body::MergePatch(text) => Body::MergePatch(text),
        wit::intents::Body::Fields(fields) => {
            Body::Fields(fields.into_iter().map(|field| (field.pointer, field.value)).collect())
        }
    }
}

fn intent(intent: wit::intents::Intent) -> Intent {
    use wit::intents::Intent as Wit;
    match intent {
        Wit::Desire(paired) => Intent::Desire(side(paired.side), body(paired.body)),
        Wit::DesireStatus(paired) => Intent::DesireStatus(side(paired.side), body(paired.body)),
        Wit::Remove(half) => Intent::Remove(side(half)),
        Wit::Apply(placed) => Intent::Apply(target(&placed.target), body(placed.body)),
        Wit::Delete(gone) => Intent::Delete(target(&gone)),
        Wit::Event(note) => Intent::Event(Note { warning: note.warning, reason: note.reason, message: note.message }),
        Wit::Requeue(after) => Intent::Requeue(after),
    }
}
