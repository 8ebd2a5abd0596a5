//! One call: a store and an instance of its own, which leave nothing behind.

use std::sync::Arc;

use sluice_core::key::Time;
use wasmtime::component::InstancePre;
use wasmtime::{CallHook, Store};

use crate::fault::Fault;
use crate::state::{Shared, State};
use crate::watchdog;

/// What a call took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// About one unit for an instruction.
    pub fuel: u64,
    /// The most that all its linear memories held together, in bytes: they never shrink.
    pub memory: usize,
}

/// Runs `body` in a fresh instance. Returns what it gave, and what it took.
pub(crate) fn run<T>(
    pre: &InstancePre<State>,
    setting: &Arc<Shared>,
    now: Time,
    about: String,
    body: impl FnOnce(&mut Store<State>, &wasmtime::component::Instance) -> wasmtime::Result<T>,
) -> (Result<T, Fault>, Cost) {
    let limits = &setting.limits;
    let mut store = Store::new(pre.engine(), State::new(Arc::clone(setting), now, about));
    store.limiter(|state| state);
    store.set_hostcall_fuel(limits.answer);
    store.set_max_component_handles(limits.handles);
    store.call_hook(|mut store, hook| match hook {
        CallHook::CallingHost => store.data_mut().exit(),
        _ => Ok(()),
    });
    watchdog::limit(&mut store, limits.time);
    let result = store
        .set_fuel(limits.fuel)
        .and_then(|()| pre.instantiate(&mut store))
        .and_then(|instance| body(&mut store, &instance));
    let fuel = limits.fuel - store.get_fuel().unwrap_or(0).min(limits.fuel);
    let cost = Cost { fuel, memory: store.data().memory() };
    (result.map_err(|error| Fault::of(&error, store.data())), cost)
}
