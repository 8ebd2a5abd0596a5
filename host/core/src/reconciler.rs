//! The state machine of one syncer: watch events and finished work go in, work comes out.
//!
//! It has no clock, no clients and no plugin: [`crate::plan`] and the writes happen between [`Reconciler::next`] and
//! [`Reconciler::finish`], wherever the caller runs them.

mod memory;
mod outcome;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::index::{Index, Place};
use crate::key::{Key, Side, Time};
use crate::object::Object;
use crate::pair::{Awaited, Pair, Step};
use crate::queue::{Depth, Queue, Since};
use crate::syncer::Syncer;
use crate::watch::{Places, WatchEvent};
use crate::watched::Filed;
use memory::{Memory, Rest};
pub use outcome::{Effect, Outcome};
use outcome::{after, owed};

/// How long a pair waits at most for the watch to show its own write, in milliseconds.
/// A watch is milliseconds behind; what takes this long has been lost, and looking again costs one failed write at most.
const PATIENCE: u64 = 10_000;

/// The pairs of one syncer.
#[derive(Debug)]
pub struct Reconciler {
    index: Index,
    queue: Queue<Key>,
    memory: BTreeMap<Key, Memory>,
    /// How many watches there are, and which have listed: only then is what is missing known to be missing.
    watches: usize,
    listed: BTreeSet<(Origin, Option<Arc<str>>)>,
}

/// Which watch says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// That of the syncer's kind on this side. There may be one for each of some namespaces.
    Half(Side),
    /// That of the virtual objects of the syncer's reference at this place.
    Reference(usize),
    /// The syncer's watch at this place.
    Watch(usize),
}

/// A pair that calls for something.
#[derive(Clone, Debug)]
pub struct Work {
    /// Both halves as they are.
    pub pair: Pair,
    /// What is to be done.
    pub step: Step,
    /// 1, and one more for each failure since the last success.
    pub attempt: u32,
    /// What is in the way, if something is.
    pub stranger: Option<Arc<Object>>,
    /// Since when it is to be done.
    pub since: Since,
}

impl Reconciler {
    /// For one syncer, which knows nothing yet. `namespaced`: whether its kind is in namespaces. `watches`: how many will
    /// say what there is.
    pub fn new(syncer: Arc<Syncer>, namespaced: bool, watches: usize) -> Self {
        let (queue, memory, listed) = Default::default();
        Self { index: Index::new(syncer, namespaced), queue, memory, watches, listed }
    }

    /// It is so late now: what is taken in from now on happened then. Decides nothing.
    pub fn pass(&mut self, now: Time) {
        self.queue.pass(now);
    }

    /// Takes in what a watch says of the syncer's halves, or of its references.
    pub fn observe(&mut self, origin: Origin, event: WatchEvent) {
        self.hear(origin, &event);
        let concerned = match origin {
            Origin::Half(side) => self.index.observe(side, event),
            Origin::Reference(at) => self.index.observe_reference(at, &event),
            Origin::Watch(_) => BTreeSet::new(),
        };
        self.look_at(concerned);
    }

    /// Takes in what the watch of sources says, with where the plugin says that they go.
    pub fn observe_mapped(&mut self, event: WatchEvent, places: &Places) {
        let side = self.index.syncer().direction().source();
        self.hear(Origin::Half(side), &event);
        let concerned = self.index.observe_mapped(side, event, places);
        self.look_at(concerned);
    }

    /// Takes in what objects of another kind concern: such pairs are looked at though neither half has changed.
    pub fn observe_watched(&mut self, filed: Filed) {
        if let Some(namespace) = &filed.listed {
            self.listed.insert((Origin::Watch(filed.watch), namespace.clone()));
        }
        for key in self.index.observe_watched(filed) {
            self.memory.entry(key.clone()).or_default().poked = true;
            self.queue.add(key);
        }
    }

    /// Has every pair looked at again, though nothing about it has changed: what becomes of its writes has.
    pub fn again(&mut self) {
        for (key, memory) in &mut self.memory {
            memory.poked = true;
            self.queue.add(key.clone());
        }
    }

    fn hear(&mut self, origin: Origin, event: &WatchEvent) {
        if let WatchEvent::Reset { namespace, .. } = event {
            self.listed.insert((origin, namespace.clone()));
        }
    }

    fn look_at(&mut self, concerned: BTreeSet<Key>) {
        for key in concerned {
            if let Some(memory) = self.memory.get_mut(&key) {
                memory.catch_up(&self.index.pair(&key).0);
                if let Some(base) = &memory.base {
                    base.virtual_.iter().for_each(|object| self.index.share(Side::Virtual, object));
                    base.physical.iter().for_each(|object| self.index.share(Side::Physical, object));
                }
            }
            self.queue.add(key);
        }
    }

    /// The next piece of work, if there is one at this time. It is held until [`Self::finish`].
    pub fn next(&mut self, now: Time) -> Option<Work> {
        if !self.is_synced() {
            return None;
        }
        while let Some(key) = self.queue.take(now) {
            if let Some(work) = self.work(&key, now) {
                return Some(work);
            }
            self.queue.release(key);
        }
        None
    }

    fn work(&mut self, key: &Key, now: Time) -> Option<Work> {
        let (mut pair, place) = self.index.pair(key);
        if let Some(memory) = self.memory.get_mut(key) {
            if memory.awaited.iter().any(Option::is_some) {
                if now < memory.awaited_until {
                    self.queue.add_at(key.clone(), memory.awaited_until);
                    return None;
                }
                memory.awaited = Default::default();
            }
            // What nothing wants any more has not changed by that.
            if memory.rests(&pair) && !memory.poked && !matches!(place, Place::Unwanted) {
                match memory.call_at {
                    Some(time) if time <= now => {}
                    Some(time) => {
                        self.queue.add_at(key.clone(), time);
                        return None;
                    }
                    None => return None,
                }
            }
            memory.call_at = None;
            memory.poked = false;
            pair.settled = memory.base.clone();
        }
        match pair.step(self.index.syncer(), &place) {
            Step::Rest => {
                if pair.virtual_.is_none() && pair.physical.is_none() {
                    self.memory.remove(key);
                }
                self.queue.forgive(key);
                None
            }
            step => {
                let attempt = self.queue.failures(key).saturating_add(1);
                let stranger = if let Place::Occupied(stranger) = place { Some(stranger) } else { None };
                Some(Work { pair, step, attempt, stranger, since: self.queue.since(key) })
            }
        }
    }

    /// Gives back a piece of work. Returns how long it waits, in milliseconds, if it is to be tried again.
    pub fn finish(&mut self, pair: Pair, outcome: Outcome, now: Time) -> Option<u64> {
        self.pass(now);
        let key = pair.key.clone();
        let memory = self.memory.entry(key.clone()).or_default();
        let (effects, failed) = match outcome {
            Outcome::Done { effects, requeue } => {
                let base = after(&pair, &effects);
                let settled = !effects.iter().any(Effect::is_deletion) && !owed(&pair, &base, self.index.syncer());
                memory.base = Some(Box::new(base));
                memory.rest = if settled { Rest::AtBase } else { Rest::No };
                memory.call_at = requeue.map(|after| now.after(after.into()));
                (effects, None)
            }
            Outcome::Written { effects } => {
                memory.rest = Rest::No;
                if effects.iter().any(Effect::is_deletion) {
                    memory.base = None;
                }
                (effects, None)
            }
            Outcome::Rejected => {
                memory.rest = Rest::At(Box::new(after(&pair, &[])));
                self.give_back(key);
                return None;
            }
            Outcome::Failed { effects, after } => {
                memory.rest = Rest::No;
                (effects, Some(after.unwrap_or(0)))
            }
        };
        let kept = effects.iter().all(Effect::is_kept);
        if !kept {
            // The watch will show what was kept instead: that is no reason to ask for the same again before its time.
            memory.rest = Rest::At(Box::new(after(&pair, &effects)));
        }
        self.expect(&key, &effects, now);
        let Some(at_least) = failed.or((!kept).then_some(0)) else {
            self.queue.forgive(&key);
            self.give_back(key);
            return None;
        };
        let wait = self.queue.retry(key.clone(), now, at_least);
        if let Some(memory) = self.memory.get_mut(&key).filter(|_| !kept) {
            let again = now.after(wait);
            let again = memory.call_at.map_or(again, |asked| asked.min(again));
            memory.call_at = Some(again);
            self.queue.add_at(key, again);
        }
        Some(wait)
    }

    /// The watch will show these writes; until then nothing is decided about the pair.
    fn expect(&mut self, key: &Key, effects: &[Effect], now: Time) {
        let Some(memory) = self.memory.get_mut(key).filter(|_| !effects.is_empty()) else { return };
        memory.awaited_until = now.after(PATIENCE);
        for effect in effects {
            let (side, awaited) = match effect {
                Effect::Stored { side, object, .. } => (side, Awaited::Version(object.version.clone())),
                Effect::Deleted { side, read } => (side, Awaited::Gone(read.uid.clone())),
            };
            memory.awaited[*side as usize] = Some(awaited);
        }
        // The watch may have been faster than the answer.
        memory.catch_up(&self.index.pair(key).0);
    }

    /// Nobody holds it any more. It is looked at again if it is not as it was left.
    fn give_back(&mut self, key: Key) {
        self.queue.add(key.clone());
        self.queue.release(key);
    }

    /// When there will be work, if there is none now.
    pub fn next_at(&self) -> Option<Time> {
        self.queue.next_at()
    }

    /// How much waits.
    pub fn depth(&self) -> Depth {
        self.queue.depth()
    }

    /// How many objects are known, virtual and physical.
    pub fn objects(&self) -> (usize, usize) {
        self.index.count()
    }

    /// Whether every watch has said what there is.
    pub fn is_synced(&self) -> bool {
        self.listed.len() >= self.watches
    }
}

#[cfg(test)]
mod tests;
