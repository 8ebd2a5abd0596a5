//! What belongs to one call: its handles, its budget, what it may know.

use std::sync::Arc;

use sluice_core::key::Time;
use sluice_core::limits::Limits;
use sluice_core::translate::Translator;
use wasmtime::component::{Resource, ResourceTable};
use wasmtime::{Result, bail};

use crate::handle::Handle;
use crate::log::Log;

/// What reading an object costs beside its length, in bytes of the budget: about what the call itself takes.
const READ: usize = 256;

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

/// The store's data.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) setting: Arc<Setting>,
    pub(crate) table: ResourceTable,
    pub(crate) log: Log,
    pub(crate) now: Time,
    /// Whether memory was refused: what follows is a trap of the guest's own making.
    pub(crate) memory_refused: bool,
    /// Bytes of objects that may still be read.
    pub(crate) reads_left: usize,
}

impl State {
    pub(crate) fn new(setting: Arc<Setting>, now: Time, about: String) -> Self {
        let log = Log::new(&setting, about);
        let reads_left = setting.limits.reads;
        let mut table = ResourceTable::new();
        table.set_max_capacity(setting.limits.handles);
        Self { setting, table, log, now, memory_refused: false, reads_left }
    }

    /// The object behind a handle, paid for `times` readings of its text.
    /// Fuel does not see what the runtime does for a guest, so this is counted apart.
    pub(crate) fn object(&mut self, this: &Resource<Handle>, times: usize) -> Result<Handle> {
        let handle = self.table.get(this)?.clone();
        self.pay(READ + handle.object.json.len().saturating_mul(times))?;
        Ok(handle)
    }

    /// Takes from the budget for work that the runtime does in the guest's name.
    pub(crate) fn pay(&mut self, bytes: usize) -> Result<()> {
        let Some(left) = self.reads_left.checked_sub(bytes) else {
            bail!("it read more than {} bytes of objects in one call", self.setting.limits.reads);
        };
        self.reads_left = left;
        Ok(())
    }
}

impl wasmtime::ResourceLimiter for State {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        let fits = desired <= self.setting.limits.memory;
        self.memory_refused |= !fits;
        Ok(fits)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        Ok(desired <= TABLE)
    }
}

/// Elements of a table: functions that can be called by pointer. A large Rust guest has two thousand.
const TABLE: usize = 20_000;
