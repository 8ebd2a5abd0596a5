//! What belongs to one call: its handles, its budget, what it may know.

use std::sync::{Arc, RwLock};

use sluice_core::key::Time;
use sluice_core::limits::{ELEMENTS, Limits};
use sluice_core::translate::Translator;
use sluice_core::watched::Watched;
use wasmtime::Result;
use wasmtime::component::{Resource, ResourceTable};

use crate::fault::Fault;
use crate::handle::Handle;
use crate::log::{Log, Voice};

/// What asking the runtime costs beside the length of the text, in bytes of the budget: about what the call takes.
const ASKED: usize = 256;
/// What text costs that the runtime parses and writes anew, in bytes of the budget for each.
pub(crate) const PARSED: usize = 8;
/// What it takes to leave the guest and to come back, in instructions, which is what fuel counts.
const EXIT: u64 = 100;

/// What a plugin may know of where it runs.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The name that the operator gave it.
    pub plugin: String,
    /// The translation, and with it the names of the virtual cluster and the target namespace.
    pub translator: Arc<Translator>,
    /// The operator's config for it, JSON.
    pub config: String,
    /// What it may use.
    pub limits: Limits,
}

/// A setting, and what all calls of its plugin have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    setting: Setting,
    pub(crate) voice: Voice,
}

impl From<Setting> for Shared {
    fn from(setting: Setting) -> Self {
        Self { voice: Voice::new(&setting), setting }
    }
}

impl std::ops::Deref for Shared {
    type Target = Setting;

    fn deref(&self) -> &Setting {
        &self.setting
    }
}

/// The store's data.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) setting: Arc<Shared>,
    pub(crate) table: ResourceTable,
    pub(crate) log: Log,
    pub(crate) now: Time,
    /// What the watches of the called syncer show, where one is called.
    pub(crate) watched: Option<Arc<RwLock<Watched>>>,
    /// Whether memory was refused: what follows is a trap of the guest's own making.
    pub(crate) memory_refused: bool,
    /// The memory of all its linear memories together, in bytes.
    memory: usize,
    /// Bytes of objects that may still be read.
    reads_left: usize,
    /// How often it may still leave the guest.
    exits_left: u64,
}

impl State {
    pub(crate) fn new(setting: Arc<Shared>, now: Time, about: String) -> Self {
        let log = Log::new(Arc::clone(&setting), about);
        let (reads_left, exits_left) = (setting.limits.reads, setting.limits.fuel / EXIT);
        let mut table = ResourceTable::new();
        table.set_max_capacity(setting.limits.handles);
        Self { setting, table, log, now, watched: None, memory_refused: false, memory: 0, reads_left, exits_left }
    }

    /// What all its linear memories hold together, in bytes.
    pub(crate) fn memory(&self) -> usize {
        self.memory
    }

    /// The object behind a handle, paid for `times` readings of its text.
    /// Fuel does not see what the runtime does for a guest, so this is counted apart.
    pub(crate) fn object(&mut self, this: &Resource<Handle>, times: usize) -> Result<Handle> {
        let handle = self.table.get(this)?.clone();
        self.pay(handle.object.json.len().saturating_mul(times))?;
        Ok(handle)
    }

    /// Takes from the budget for work that the runtime does in the guest's name.
    pub(crate) fn pay(&mut self, bytes: usize) -> Result<()> {
        let fault = || Fault::Reads(self.setting.limits.reads);
        self.reads_left = self.reads_left.checked_sub(bytes.saturating_add(ASKED)).ok_or_else(fault)?;
        Ok(())
    }

    /// The guest is left: for a function of ours, or for one of wasmtime's own, such as to grow a memory.
    pub(crate) fn exit(&mut self) -> Result<()> {
        let fault = || Fault::Fuel(self.setting.limits.fuel);
        self.exits_left = self.exits_left.checked_sub(1).ok_or_else(fault)?;
        Ok(())
    }
}

impl wasmtime::ResourceLimiter for State {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        let memory = self.memory + desired.saturating_sub(current);
        let fits = memory <= self.setting.limits.memory;
        if fits {
            self.memory = memory;
        }
        self.memory_refused |= !fits;
        Ok(fits)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        Ok(desired <= ELEMENTS)
    }
}
