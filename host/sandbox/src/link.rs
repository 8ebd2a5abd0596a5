//! From a compiled component to a plugin: linked, asked for its schema, registered.

use std::sync::Arc;

use sluice_core::key::Time;
use sluice_core::registration::Registration;
use wasmtime::Store;
use wasmtime::component::{Instance, InstancePre};

use crate::bindings::v0_1::exports::sluice::plugin as exports;
use crate::component::{Component, LoadError};
use crate::plugin::Plugin;
use crate::run::run;
use crate::sandbox::Sandbox;
use crate::state::{Setting, State};

/// A component that was linked and has still to register.
pub struct Linked {
    pre: InstancePre<State>,
    exports: Exports,
    setting: Arc<Setting>,
}

/// Where a component's functions are.
#[derive(Clone)]
pub(crate) struct Exports {
    pub(crate) lifecycle: Arc<exports::lifecycle::GuestIndices>,
    pub(crate) syncer: Option<Arc<exports::syncer::GuestIndices>>,
    pub(crate) hooks: Option<Arc<exports::hooks::GuestIndices>>,
    pub(crate) interceptor: Option<Arc<exports::interceptor::GuestIndices>>,
}

impl Exports {
    fn new(component: &Component, pre: &InstancePre<State>) -> wasmtime::Result<Self> {
        let has = |interface: &str| component.exports(interface);
        Ok(Self {
            lifecycle: Arc::new(exports::lifecycle::GuestIndices::new(pre)?),
            syncer: has("syncer").then(|| exports::syncer::GuestIndices::new(pre).map(Arc::new)).transpose()?,
            hooks: has("hooks").then(|| exports::hooks::GuestIndices::new(pre).map(Arc::new)).transpose()?,
            interceptor: has("interceptor")
                .then(|| exports::interceptor::GuestIndices::new(pre).map(Arc::new))
                .transpose()?,
        })
    }

    /// That the types of all that it exports are the contract's shows only in an instance.
    fn load(&self, store: &mut Store<State>, instance: &Instance) -> wasmtime::Result<exports::lifecycle::Guest> {
        self.syncer.as_ref().map_or(Ok(()), |syncer| syncer.load(&mut *store, instance).map(drop))?;
        self.hooks.as_ref().map_or(Ok(()), |hooks| hooks.load(&mut *store, instance).map(drop))?;
        self.interceptor.as_ref().map_or(Ok(()), |handles| handles.load(&mut *store, instance).map(drop))?;
        self.lifecycle.load(store, instance)
    }
}

impl Linked {
    /// Links a component.
    pub fn new(sandbox: &Sandbox, component: &Component, setting: Setting) -> Result<Self, LoadError> {
        component.check()?;
        let pre = sandbox.linker.instantiate_pre(&component.inner).map_err(types)?;
        let exports = Exports::new(component, &pre).map_err(types)?;
        Ok(Self { pre, exports, setting: Arc::new(setting) })
    }

    /// The schema of its config, as it gives it.
    pub fn config_schema(&self) -> Result<String, LoadError> {
        self.run("config-schema", |store, guest| guest.call_config_schema(store))
    }

    /// Lets it register.
    pub fn register(self) -> Result<Plugin, LoadError> {
        let answer = self.run("register", |store, guest| guest.call_register(store))?;
        let registration = Registration::parse(&answer.map_err(LoadError::Refused)?)?;
        if !registration.syncers.is_empty() && self.exports.syncer.is_none() {
            return Err(LoadError::NoSyncer);
        }
        if !registration.hooks.is_empty() && self.exports.hooks.is_none() {
            return Err(LoadError::NoHooks);
        }
        if !registration.interceptors.is_empty() && self.exports.interceptor.is_none() {
            return Err(LoadError::NoInterceptor);
        }
        let Self { pre, exports, setting } = self;
        Ok(Plugin { pre, exports, setting, registration: Arc::new(registration) })
    }

    fn run<T>(
        &self,
        function: &str,
        call: impl FnOnce(&mut Store<State>, exports::lifecycle::Guest) -> wasmtime::Result<T>,
    ) -> Result<T, LoadError> {
        let (answer, _) = run(&self.pre, &self.setting, Time(0), function.into(), |store, instance| {
            match self.exports.load(store, instance) {
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
