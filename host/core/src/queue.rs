//! Keys to look at: each at most once, one holder at a time, with backoff per key. Time is passed in.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::key::Time;

/// The first wait after a failure, in milliseconds. Long enough for a watch event that is already under way.
const FIRST_BACKOFF: u64 = 50;
/// The longest wait, in milliseconds: five minutes, as kubelet's.
const LONGEST_BACKOFF: u64 = 300_000;

/// A queue of keys.
#[derive(Debug)]
pub struct Queue<K> {
    ready: VecDeque<K>,
    /// What is in `ready`.
    waiting: BTreeMap<K, Since>,
    /// Keys under way.
    held: BTreeMap<K, Held>,
    later: BTreeSet<(Time, K)>,
    due: BTreeMap<K, Time>,
    failures: BTreeMap<K, Failures>,
    /// The latest time that was passed in.
    now: Time,
}

/// Since when a key is to be looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Since {
    /// Since it could be taken.
    pub ready: Time,
    /// Since what is to be dealt with happened, however often that failed: backoff does not shorten it.
    pub asked: Time,
}

/// How much waits, as of the latest time that was passed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Keys that can be taken.
    pub ready: usize,
    /// Keys under way.
    pub held: usize,
    /// Keys that wait for their time.
    pub later: usize,
    /// Since when, or from when on, a key can be taken that is not; of many about the first.
    pub oldest: Option<Time>,
}

#[derive(Debug)]
struct Held {
    since: Since,
    /// When something happened to it while it was held.
    again: Option<Time>,
}

#[derive(Debug)]
struct Failures {
    count: u32,
    /// Since when what failed has been asked for.
    asked: Time,
}

impl<K> Default for Queue<K> {
    fn default() -> Self {
        Self {
            ready: VecDeque::new(),
            waiting: BTreeMap::new(),
            held: BTreeMap::new(),
            later: BTreeSet::new(),
            due: BTreeMap::new(),
            failures: BTreeMap::new(),
            now: Time::default(),
        }
    }
}

impl<K: Ord + Clone> Queue<K> {
    /// It is so late now: what happens from now on happens then. Decides nothing.
    pub fn pass(&mut self, now: Time) {
        self.now = now;
    }

    /// Something happened to it: look at it as soon as nobody holds it.
    pub fn add(&mut self, key: K) {
        self.add_since(key, Since { ready: self.now, asked: self.now });
    }

    fn add_since(&mut self, key: K, since: Since) {
        if let Some(held) = self.held.get_mut(&key) {
            held.again.get_or_insert(since.asked);
        } else if !self.waiting.contains_key(&key) {
            if let Some(time) = self.due.remove(&key) {
                self.later.remove(&(time, key.clone()));
            }
            self.waiting.insert(key.clone(), since);
            self.ready.push_back(key);
        }
    }

    /// Look at it at `time`, or before if something happens to it. The earlier of two times counts.
    pub fn add_at(&mut self, key: K, time: Time) {
        if self.waiting.contains_key(&key) || self.due.get(&key).is_some_and(|&due| due <= time) {
            return;
        }
        if let Some(due) = self.due.insert(key.clone(), time) {
            self.later.remove(&(due, key.clone()));
        }
        self.later.insert((time, key));
    }

    /// The next key, which is then held until [`Self::release`].
    pub fn take(&mut self, now: Time) -> Option<K> {
        self.pass(now);
        while let Some((time, key)) = self.later.first().cloned() {
            if time > now {
                break;
            }
            self.later.remove(&(time, key.clone()));
            self.due.remove(&key);
            let asked = self.failures.get(&key).map_or(time, |failures| failures.asked);
            self.add_since(key, Since { ready: time, asked });
        }
        let key = self.ready.pop_front()?;
        let since = self.waiting.remove(&key).unwrap_or_default();
        self.held.insert(key.clone(), Held { since, again: None });
        Some(key)
    }

    /// Its holder is done with it.
    pub fn release(&mut self, key: K) {
        if let Some(asked) = self.held.remove(&key).and_then(|held| held.again) {
            self.add_since(key, Since { ready: self.now, asked });
        }
    }

    /// It failed: gives it back for after its backoff, which doubles with each failure, or `at_least` so long.
    /// Returns the wait in milliseconds.
    pub fn retry(&mut self, key: K, now: Time, at_least: u64) -> u64 {
        self.pass(now);
        let asked = self.held.get(&key).map_or(now, |held| held.since.asked);
        let count = self.failures(&key);
        let wait = FIRST_BACKOFF.saturating_mul(1 << count.min(20)).min(LONGEST_BACKOFF).max(at_least);
        self.failures.insert(key.clone(), Failures { count: count.saturating_add(1), asked });
        self.add_at(key.clone(), now.after(wait));
        self.release(key);
        wait
    }

    /// It succeeded: its next failure starts with the shortest backoff.
    pub fn forgive(&mut self, key: &K) {
        self.failures.remove(key);
    }

    /// Failures since its last success.
    pub fn failures(&self, key: &K) -> u32 {
        self.failures.get(key).map_or(0, |failures| failures.count)
    }

    /// Since when one that is held was to be looked at.
    pub fn since(&self, key: &K) -> Since {
        self.held.get(key).map(|held| held.since).unwrap_or_default()
    }

    /// How much waits.
    pub fn depth(&self) -> Depth {
        let ready = self.ready.front().and_then(|key| self.waiting.get(key)).map(|since| since.ready);
        let oldest = ready.into_iter().chain(self.next_at()).min();
        Depth { ready: self.ready.len(), held: self.held.len(), later: self.later.len(), oldest }
    }

    /// When the next key is due, if none is ready now.
    pub fn next_at(&self) -> Option<Time> {
        self.later.first().map(|(time, _)| *time)
    }

    /// Whether none is ready, held or due.
    pub fn is_idle(&self) -> bool {
        self.ready.is_empty() && self.held.is_empty() && self.later.is_empty()
    }
}

#[cfg(test)]
mod tests;
