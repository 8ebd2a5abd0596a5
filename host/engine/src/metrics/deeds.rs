//! What was done and what failed, by words.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use sluice_core::key::Side;

/// Counts by a word, or a few.
#[derive(Debug)]
pub(super) struct Words<K>(Mutex<BTreeMap<K, u64>>);

impl<K> Default for Words<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Ord + Clone> Words<K> {
    pub(super) fn one(&self, word: K) {
        self.more(word, 1);
    }

    pub(super) fn more(&self, word: K, count: u64) {
        // It is whole after every step, also when a thread that held it panicked.
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(word).or_default() += count;
    }

    pub(super) fn read(&self) -> BTreeMap<K, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What was done and what failed.
#[derive(Debug, Default)]
pub(super) struct Deeds {
    /// Writes that happened: where, and the verb.
    pub(super) writes: Words<(Side, &'static str)>,
    /// What failed, by reason.
    pub(super) failures: Words<&'static str>,
}

impl Deeds {
    /// Takes over what another has counted.
    pub(super) fn inherit(&self, other: &Self) {
        other.writes.read().into_iter().for_each(|(word, count)| self.writes.more(word, count));
        other.failures.read().into_iter().for_each(|(word, count)| self.failures.more(word, count));
    }
}

/// What a plugin has done since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

impl Counts {
    pub(super) fn add(&mut self, deeds: &Deeds) {
        for ((_, verb), count) in deeds.writes.read() {
            *self.writes.entry(verb).or_default() += count;
        }
        for (reason, count) in deeds.failures.read() {
            *self.failures.entry(reason).or_default() += count;
        }
    }
}
