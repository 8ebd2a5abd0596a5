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
    waiting: BTreeSet<K>,
    /// Keys under way; true if something happened to them since.
    held: BTreeMap<K, bool>,
    later: BTreeSet<(Time, K)>,
    due: BTreeMap<K, Time>,
    failures: BTreeMap<K, u32>,
}

impl<K> Default for Queue<K> {
    fn default() -> Self {
        Self {
            ready: VecDeque::new(),
            waiting: BTreeSet::new(),
            held: BTreeMap::new(),
            later: BTreeSet::new(),
            due: BTreeMap::new(),
            failures: BTreeMap::new(),
        }
    }
}

impl<K: Ord + Clone> Queue<K> {
    /// Something happened to it: look at it as soon as nobody holds it.
    pub fn add(&mut self, key: K) {
        if let Some(again) = self.held.get_mut(&key) {
            *again = true;
        } else if self.waiting.insert(key.clone()) {
            if let Some(time) = self.due.remove(&key) {
                self.later.remove(&(time, key.clone()));
            }
            self.ready.push_back(key);
        }
    }

    /// Look at it at `time`, or before if something happens to it. The earlier of two times counts.
    pub fn add_at(&mut self, key: K, time: Time) {
        if self.waiting.contains(&key) || self.due.get(&key).is_some_and(|&due| due <= time) {
            return;
        }
        if let Some(due) = self.due.insert(key.clone(), time) {
            self.later.remove(&(due, key.clone()));
        }
        self.later.insert((time, key));
    }

    /// The next key, which is then held until [`Self::release`].
    pub fn take(&mut self, now: Time) -> Option<K> {
        while let Some((time, key)) = self.later.first().cloned() {
            if time > now {
                break;
            }
            self.later.remove(&(time, key.clone()));
            self.due.remove(&key);
            self.add(key);
        }
        let key = self.ready.pop_front()?;
        self.waiting.remove(&key);
        self.held.insert(key.clone(), false);
        Some(key)
    }

    /// Its holder is done with it.
    pub fn release(&mut self, key: K) {
        if self.held.remove(&key) == Some(true) {
            self.add(key);
        }
    }

    /// It failed: gives it back for after its backoff, which doubles with each failure, or `at_least` so long.
    /// Returns the wait in milliseconds.
    pub fn retry(&mut self, key: K, now: Time, at_least: u64) -> u64 {
        let failures = self.failures.entry(key.clone()).or_insert(0);
        let wait = FIRST_BACKOFF.saturating_mul(1 << (*failures).min(20)).min(LONGEST_BACKOFF).max(at_least);
        *failures = failures.saturating_add(1);
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
        self.failures.get(key).copied().unwrap_or(0)
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_waits_once_however_often_it_is_added() {
        let mut queue = Queue::default();
        queue.add(1);
        queue.add(2);
        queue.add(1);
        assert_eq!((queue.take(Time(0)), queue.take(Time(0)), queue.take(Time(0))), (Some(1), Some(2), None));
    }

    #[test]
    fn what_happens_to_a_held_key_brings_it_back_after_its_holder() {
        let mut queue = Queue::default();
        queue.add(1);
        queue.take(Time(0));
        queue.add(1);
        assert_eq!(queue.take(Time(0)), None);
        queue.release(1);
        assert_eq!(queue.take(Time(0)), Some(1));
        queue.release(1);
        assert!(queue.is_idle());
    }

    #[test]
    fn backoff_doubles_to_its_limit_and_starts_again_after_a_success() {
        let mut queue = Queue::default();
        let mut waits = Vec::new();
        let mut now = Time(0);
        for _ in 0..30 {
            queue.add(1);
            queue.take(now);
            let wait = queue.retry(1, now, 0);
            waits.push(wait);
            now = now.after(wait);
        }
        assert_eq!(waits[..4], [50, 100, 200, 400]);
        assert_eq!(waits[29], LONGEST_BACKOFF);
        queue.forgive(&1);
        queue.take(now);
        assert_eq!(queue.retry(1, now, 0), 50);
    }

    #[test]
    fn an_event_does_not_wait_for_the_backoff() {
        let mut queue = Queue::default();
        queue.add(1);
        queue.take(Time(0));
        queue.retry(1, Time(0), 0);
        assert_eq!((queue.take(Time(10)), queue.next_at()), (None, Some(Time(50))));
        queue.add(1);
        assert_eq!(queue.take(Time(10)), Some(1));
        queue.release(1);
        assert!(queue.is_idle());
    }

    #[derive(Clone, Debug)]
    enum Op {
        Add(u8),
        AddAt(u8, u64),
        Take,
        Release,
        Retry,
        Pass(u64),
    }

    fn op() -> impl Strategy<Value = Op> {
        prop_oneof![
            (0..5u8).prop_map(Op::Add),
            (0..5u8, 0..500u64).prop_map(|(key, after)| Op::AddAt(key, after)),
            Just(Op::Take),
            Just(Op::Release),
            Just(Op::Retry),
            (1..300u64).prop_map(Op::Pass),
        ]
    }

    proptest! {
        /// One holder at a time, and nothing that was asked for is lost, whatever the order of calls.
        #[test]
        fn no_key_is_lost_or_held_twice(ops in prop::collection::vec(op(), 0..200)) {
            let mut queue = Queue::default();
            let mut now = Time(0);
            let mut held = Vec::new();
            let mut wanted = BTreeSet::new();
            for op in ops {
                match op {
                    Op::Add(key) => { queue.add(key); wanted.insert(key); }
                    Op::AddAt(key, after) => { queue.add_at(key, now.after(after)); wanted.insert(key); }
                    Op::Take => if let Some(key) = queue.take(now) {
                        prop_assert!(!held.contains(&key));
                        wanted.remove(&key);
                        held.push(key);
                    }
                    Op::Release => if let Some(key) = held.pop() { queue.release(key); }
                    Op::Retry => if let Some(key) = held.pop() { queue.retry(key, now, 0); wanted.insert(key); }
                    Op::Pass(time) => now = now.after(time),
                }
            }
            for key in held.drain(..) { queue.release(key); }
            now = now.after(2 * LONGEST_BACKOFF);
            while let Some(key) = queue.take(now) { wanted.remove(&key); queue.release(key); }
            prop_assert!(wanted.is_empty());
            prop_assert!(queue.is_idle());
        }
    }
}
