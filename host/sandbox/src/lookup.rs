//! What a guest may look up: objects that the watches of its syncer show.

use std::sync::{Arc, PoisonError};

use sluice_core::object::Object;
use sluice_core::watched::{NoWatch, Watched};
use wasmtime::component::Resource;
use wasmtime::{Result, format_err};

use crate::bindings::v0_1::sluice::plugin::{lookup, objects};
use crate::handle::{Handle, key_in};
use crate::state::State;

impl lookup::Host for State {
    fn get(&mut self, watch: String, key: objects::Key) -> Result<Option<Resource<Handle>>> {
        let key = key_in(&key);
        let found = self.look_up(&watch, |watched| Ok(watched.get(&watch, &key)?.into_iter().collect()))?;
        Ok(found.into_iter().next())
    }

    fn list(&mut self, watch: String, namespace: Option<String>, limit: u32) -> Result<Vec<Resource<Handle>>> {
        self.look_up(&watch, |watched| watched.list(&watch, namespace.as_deref(), most(limit)))
    }

    fn concerning(&mut self, watch: String, pair: objects::Key, limit: u32) -> Result<Vec<Resource<Handle>>> {
        let pair = key_in(&pair);
        self.look_up(&watch, |watched| watched.concerning(&watch, &pair, most(limit)))
    }
}

fn most(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

impl State {
    /// Handles of what is found. The number of handles that a call may hold bounds it.
    fn look_up(
        &mut self,
        watch: &str,
        find: impl FnOnce(&Watched) -> Result<Vec<Arc<Object>>, NoWatch>,
    ) -> Result<Vec<Resource<Handle>>> {
        self.pay(watch.len())?;
        let watched =
            self.watched.clone().ok_or_else(|| format_err!("it looked something up where no syncer is called"))?;
        // What is held is whole after every step, also when a thread that held it panicked.
        let watched = watched.read().unwrap_or_else(PoisonError::into_inner);
        let (side, gvk) = watched.watch(watch).map(|watch| (watch.side, Arc::new(watch.kind.clone())))?;
        let mut handles = vec![];
        for object in find(&watched)? {
            self.pay(0)?;
            let gvk = Arc::clone(&gvk);
            let handle = Handle { side, gvk, object, origin: None, counterpart: None, settled: None };
            handles.push(self.hold(handle)?);
        }
        Ok(handles)
    }
}
