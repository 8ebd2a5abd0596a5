//! Calls that ask a plugin which pairs an object has to do with.

use std::collections::BTreeSet;
use std::sync::{Arc, RwLock};

use sluice_core::key::{Gvk, Key, Side, Time};
use sluice_core::object::Object;
use sluice_core::watched::{Concern, Watched};
use wasmtime::Store;
use wasmtime::component::{Instance, Resource};

use crate::bindings::v0_1::exports::sluice::plugin::watch as exports;
use crate::bindings::v0_1::sluice::plugin::objects;
use crate::fault::Fault;
use crate::handle::{Handle, key_in};
use crate::plugin::{Plugin, Reply, exported};
use crate::run::{Cost, run};
use crate::state::State;

/// An object that a syncer is asked about.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The syncer's name in the registration.
    pub syncer: &'a str,
    /// Which side the object is on.
    pub side: Side,
    /// Its kind.
    pub gvk: &'a Arc<Gvk>,
    /// The object.
    pub object: Arc<Object>,
    /// What the syncer's watches show.
    pub watched: &'a Arc<RwLock<Watched>>,
}

impl Plugin {
    /// Asks where a physical object goes. Blocks as [`Self::call`] does.
    pub fn places(&self, question: Question<'_>) -> Reply<BTreeSet<Key>> {
        let syncer = question.syncer;
        let (result, cost) = self.ask(question, |store, instance, object| {
            exported(&self.exports.mapping)?.load(&mut *store, instance)?.call_to_virtual(store, syncer, object)
        });
        Reply { result: result.and_then(|keys| self.keys(&keys)), cost }
    }

    /// Asks which pairs an object of a watch concerns. Blocks as [`Self::call`] does.
    pub fn concern(&self, watch: &str, question: Question<'_>) -> Reply<Concern> {
        let syncer = question.syncer;
        let (result, cost) = self.ask(question, |store, instance, object| {
            exported(&self.exports.watch)?.load(&mut *store, instance)?.call_affected(store, syncer, watch, object)
        });
        let result = result.and_then(|concern| match concern {
            exports::Concern::Pairs(keys) => self.keys(&keys).map(Concern::Pairs),
            exports::Concern::All => Ok(Concern::All),
        });
        Reply { result, cost }
    }

    fn ask<T>(
        &self,
        question: Question<'_>,
        call: impl FnOnce(&mut Store<State>, &Instance, Resource<Handle>) -> wasmtime::Result<T>,
    ) -> (Result<T, Fault>, Cost) {
        let Question { side, gvk, object, watched, .. } = question;
        let about = format!("{} {}", gvk.kind, object.key);
        // A mapping is to be the same tomorrow: it has no time.
        run(&self.pre, &self.setting, Time(0), about, |store, instance| {
            store.data_mut().watched = Some(Arc::clone(watched));
            let gvk = Arc::clone(gvk);
            let handle = Handle { side, gvk, object, origin: None, counterpart: None, settled: None };
            let object = store.data_mut().hold(handle)?;
            call(store, instance, object)
        })
    }

    fn keys(&self, keys: &[objects::Key]) -> Result<BTreeSet<Key>, Fault> {
        let limit = self.setting.limits.keys;
        if keys.len() > limit { Err(Fault::Keys(keys.len(), limit)) } else { Ok(keys.iter().map(key_in).collect()) }
    }
}
