//! A plugin, ready to be called. Each call has a store and an instance of its own, and leaves nothing behind.

use std::sync::Arc;

use sluice_core::intent::{Answer, Failure};
use sluice_core::key::{Direction, Gvk, Side, Time};
use sluice_core::pair::Pair;
use sluice_core::registration::Registration;
use wasmtime::component::{InstancePre, Resource};
use wasmtime::{CallHook, Store};

use crate::answer::answer;
use crate::bindings::v0_1::exports::sluice::plugin as exports;
use crate::component::{Component, LoadError};
use crate::fault::Fault;
use crate::handle::Handle;
use crate::sandbox::Sandbox;
use crate::state::{Setting, State};

/// A component that was linked and has registered.
#[derive(Clone)]
pub struct Plugin {
    pre: InstancePre<State>,
    lifecycle: Arc<exports::lifecycle::GuestIndices>,
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

/// A component that was linked and has still to register.
pub struct Linked {
    pre: InstancePre<State>,
    lifecycle: Arc<exports::lifecycle::GuestIndices>,
    syncer: Option<Arc<exports::syncer::GuestIndices>>,
    setting: Arc<Setting>,
}

impl Linked {
    /// Links a component.
    pub fn new(sandbox: &Sandbox, component: &Component, setting: Setting) -> Result<Self, LoadError> {
        component.check()?;
        let pre = sandbox.linker.instantiate_pre(&component.inner).map_err(types)?;
        let lifecycle = exports::lifecycle::GuestIndices::new(&pre).map(Arc::new).map_err(types)?;
        let exported = component.exports("syncer");
        let syncer = exported.then(|| exports::syncer::GuestIndices::new(&pre).map(Arc::new)).transpose();
        Ok(Self { pre, lifecycle, syncer: syncer.map_err(types)?, setting: Arc::new(setting) })
    }

    /// The schema of its config, as it gives it.
    pub fn config_schema(&self) -> Result<String, LoadError> {
        self.run("config-schema", |store, guest| guest.call_config_schema(store))
    }

    /// Lets it register.
    pub fn register(self) -> Result<Plugin, LoadError> {
        let answer = self.run("register", |store, guest| guest.call_register(store))?;
        let registration = Registration::parse(&answer.map_err(LoadError::Refused)?)?;
        if !registration.syncers.is_empty() && self.syncer.is_none() {
            return Err(LoadError::NoSyncer);
        }
        let Self { pre, lifecycle, syncer, setting } = self;
        Ok(Plugin { pre, lifecycle, syncer, setting, registration: Arc::new(registration) })
    }

    fn run<T>(
        &self,
        function: &str,
        call: impl FnOnce(&mut Store<State>, exports::lifecycle::Guest) -> wasmtime::Result<T>,
    ) -> Result<T, LoadError> {
        let (answer, _) = run(&self.pre, &self.setting, Time(0), function.into(), |store, instance| {
            let syncer = self.syncer.as_ref().map_or(Ok(()), |syncer| syncer.load(&mut *store, instance).map(drop));
            match syncer.and_then(|()| self.lifecycle.load(&mut *store, instance)) {
                Ok(lifecycle) => Ok(Ok(call(store, lifecycle)?)),
                Err(error) => Ok(Err(types(error))),
            }
        });
        answer?
    }
}

fn types(error: wasmtime::Error) -> LoadError {
    LoadError::Types(format!("{error:#}"))
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
        let (result, fuel) = run(&self.pre, &self.setting, now, "init".into(), |store, instance| {
            let guest = self.lifecycle.load(&mut *store, instance)?;
            guest.call_init(store, now.0)
        });
        Reply { result: result.map(answer), fuel }
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
        Reply { result: result.map(answer), fuel }
    }

    fn handle(&self, call: &Call<'_>, side: Side) -> Option<Handle> {
        let object = call.pair.half(side)?;
        Some(Handle {
            side,
            gvk: Arc::clone(call.gvk),
            object: Arc::clone(object),
            origin: (side == Side::Physical && call.pair.direction == Direction::Down).then(|| call.pair.key.clone()),
            counterpart: match side {
                Side::Virtual => call.pair.physical_key.clone(),
                Side::Physical => call.pair.key.clone(),
            },
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
