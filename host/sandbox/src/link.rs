//! From a compiled component to a plugin: linked, asked for its schema, registered.

use std::sync::Arc;

use sluice_core::key::{Direction, Time};
use sluice_core::registration::{Registration, Syncer};
use wasmtime::Store;
use wasmtime::component::{Instance, InstancePre};

use crate::answer::told;
use crate::bindings::v0_1::exports::sluice::plugin as exports;
use crate::component::{Component, LoadError};
use crate::plugin::Plugin;
use crate::run::run;
use crate::sandbox::Sandbox;
use crate::state::{Setting, Shared, State};

/// A component that was linked and has still to register.
pub struct Linked {
    pre: InstancePre<State>,
    exports: Exports,
    setting: Arc<Shared>,
}

/// Where a component's functions are.
#[derive(Clone)]
pub(crate) struct Exports {
    pub(crate) lifecycle: Arc<exports::lifecycle::GuestIndices>,
    pub(crate) syncer: Option<Arc<exports::syncer::GuestIndices>>,
    pub(crate) virtual_syncer: Option<Arc<exports::virtual_syncer::GuestIndices>>,
    pub(crate) mapping: Option<Arc<exports::mapping::GuestIndices>>,
    pub(crate) watch: Option<Arc<exports::watch::GuestIndices>>,
    pub(crate) hooks: Option<Arc<exports::hooks::GuestIndices>>,
    pub(crate) interceptor: Option<Arc<exports::interceptor::GuestIndices>>,
}

/// Where the functions of an interface are, if the component exports it.
macro_rules! indices {
    ($component:ident $pre:ident $name:literal $interface:ident) => {
        match $component.exports($name) {
            true => Some(Arc::new(exports::$interface::GuestIndices::new($pre)?)),
            false => None,
        }
    };
}

impl Exports {
    fn new(component: &Component, pre: &InstancePre<State>) -> wasmtime::Result<Self> {
        Ok(Self {
            lifecycle: Arc::new(exports::lifecycle::GuestIndices::new(pre)?),
            syncer: indices!(component pre "syncer" syncer),
            virtual_syncer: indices!(component pre "virtual-syncer" virtual_syncer),
            mapping: indices!(component pre "mapping" mapping),
            watch: indices!(component pre "watch" watch),
            hooks: indices!(component pre "hooks" hooks),
            interceptor: indices!(component pre "interceptor" interceptor),
        })
    }

    /// That the types of all that it exports are the contract's shows only in an instance.
    fn load(&self, store: &mut Store<State>, instance: &Instance) -> wasmtime::Result<exports::lifecycle::Guest> {
        self.syncer.as_ref().map_or(Ok(()), |syncer| syncer.load(&mut *store, instance).map(drop))?;
        self.virtual_syncer.as_ref().map_or(Ok(()), |syncer| syncer.load(&mut *store, instance).map(drop))?;
        self.mapping.as_ref().map_or(Ok(()), |mapping| mapping.load(&mut *store, instance).map(drop))?;
        self.watch.as_ref().map_or(Ok(()), |watch| watch.load(&mut *store, instance).map(drop))?;
        self.hooks.as_ref().map_or(Ok(()), |hooks| hooks.load(&mut *store, instance).map(drop))?;
        self.interceptor.as_ref().map_or(Ok(()), |handles| handles.load(&mut *store, instance).map(drop))?;
        self.lifecycle.load(store, instance)
    }
}

impl Exports {
    /// Whether it exports what it takes to be what it says.
    fn hold(&self, registration: &Registration) -> Result<(), LoadError> {
        let any = |is: fn(&Syncer) -> bool| registration.syncers.iter().any(is);
        let is_virtual = |syncer: &Syncer| syncer.direction == Direction::Virtual;
        for (registered, exported, what, interface, rust) in [
            (
                any(|syncer| syncer.direction != Direction::Virtual),
                self.syncer.is_some(),
                "a syncer",
                "syncer",
                "syncer",
            ),
            (any(is_virtual), self.virtual_syncer.is_some(), "a virtual syncer", "virtual-syncer", "virtual_syncer"),
            (any(Syncer::has_own_names), self.mapping.is_some(), "own names", "mapping", "syncer mapping"),
            (any(|syncer| !syncer.watches.is_empty()), self.watch.is_some(), "a watch", "watch", "syncer watch"),
            (!registration.hooks.is_empty(), self.hooks.is_some(), "a hook", "hooks", "hooks"),
            (
                !registration.interceptors.is_empty(),
                self.interceptor.is_some(),
                "an interceptor",
                "interceptor",
                "interceptor",
            ),
        ] {
            if registered && !exported {
                return Err(LoadError::NotExported { what, interface, rust });
            }
        }
        Ok(())
    }
}

impl Linked {
    /// Links a component.
    pub fn new(sandbox: &Sandbox, component: &Component, setting: Setting) -> Result<Self, LoadError> {
        component.check()?;
        let pre = sandbox.linker.instantiate_pre(&component.inner).map_err(types)?;
        let exports = Exports::new(component, &pre).map_err(types)?;
        Ok(Self { pre, exports, setting: Arc::new(setting.into()) })
    }

    /// The schema of its config, as it gives it.
    pub fn config_schema(&self) -> Result<String, LoadError> {
        self.run("config-schema", |store, guest| guest.call_config_schema(store))
    }

    /// Lets it register.
    pub fn register(self) -> Result<Plugin, LoadError> {
        let answer = self.run("register", |store, guest| guest.call_register(store))?;
        let registration = Registration::parse(&answer.map_err(|why| LoadError::Refused(told(why, false)))?)?;
        self.exports.hold(&registration)?;
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
