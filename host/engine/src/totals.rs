//! What has been done since the start, per plugin.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Counts of one plugin.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Guest calls.
    pub calls: u64,
    /// Their fuel.
    pub fuel: u64,
    /// Writes that happened, by verb.
    pub writes: BTreeMap<&'static str, u64>,
    /// What failed, by reason.
    pub failures: BTreeMap<&'static str, u64>,
}

/// Counts of one plugin that many workers add to.
#[derive(Debug, Default)]
pub struct Totals(Mutex<Counts>);

impl Totals {
    pub(crate) fn call(&self, fuel: u64) {
        self.with(|counts| {
            counts.calls += 1;
            counts.fuel += fuel;
        });
    }

    pub(crate) fn write(&self, verb: &'static str) {
        self.with(|counts| *counts.writes.entry(verb).or_default() += 1);
    }

    pub(crate) fn failure(&self, reason: &'static str) {
        self.with(|counts| *counts.failures.entry(reason).or_default() += 1);
    }

    /// As they are now.
    pub fn read(&self) -> Counts {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn with(&self, change: impl FnOnce(&mut Counts)) {
        // A count is whole after every step, also when a thread that held it panicked.
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
