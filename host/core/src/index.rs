//! Both sides of one kind, paired: what the watches have shown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::key::{Direction, Key, Side};
use crate::object::Object;
use crate::pair::Pair;
use crate::references::References;
use crate::syncer::Syncer;
use crate::watch::WatchEvent;

/// The objects of one syncer on both sides. Filled by watches alone.
#[derive(Debug)]
pub struct Index {
    syncer: Arc<Syncer>,
    /// What is copied, and where its copy stands.
    sources: BTreeMap<Key, (Arc<Object>, Key)>,
    copies: BTreeMap<Key, Arc<Object>>,
    /// Place and source: who would stand there. Two may want one place.
    wanted: BTreeSet<(Key, Key)>,
    references: References,
}

/// What a place is to a pair.
#[derive(Clone, Debug)]
pub enum Place {
    /// Nothing stands there, or the copy of the pair.
    Own,
    /// The copy stands there, and another syncer keeps it.
    Anothers,
    /// Something else stands there.
    Occupied(Arc<Object>),
}

impl Index {
    /// An empty one.
    pub fn new(syncer: Arc<Syncer>) -> Self {
        let (sources, copies, wanted, references) = Default::default();
        Self { syncer, sources, copies, wanted, references }
    }

    /// Whose it is.
    pub fn syncer(&self) -> &Arc<Syncer> {
        &self.syncer
    }

    /// Takes in what a watch says. Returns the names of the pairs that it concerns.
    pub fn observe(&mut self, side: Side, event: WatchEvent) -> BTreeSet<Key> {
        let mut concerned = BTreeSet::new();
        let source = side == self.syncer.direction().source();
        match event {
            WatchEvent::Applied(object) => self.apply(source, object, &mut concerned),
            WatchEvent::Deleted(object) => self.remove(source, &object.key, &mut concerned),
            WatchEvent::Reset { namespace, objects } => {
                // What was there and is not among them went while nobody looked.
                let live: BTreeSet<&Key> = objects.iter().map(|object| &object.key).collect();
                let gone = |key: &&Key| (namespace.is_none() || key.namespace == namespace) && !live.contains(key);
                let gone: Vec<Key> = match source {
                    true => self.sources.keys().filter(gone).cloned().collect(),
                    false => self.copies.keys().filter(gone).cloned().collect(),
                };
                for key in gone {
                    self.remove(source, &key, &mut concerned);
                }
                for object in objects {
                    self.apply(source, object, &mut concerned);
                }
            }
        }
        concerned
    }

    /// Takes in what the watch of the syncer's reference `at` says. Returns the names of the pairs that it concerns.
    pub fn observe_reference(&mut self, at: usize, event: &WatchEvent) -> BTreeSet<Key> {
        let reference = self.syncer.registered.references.get(at);
        reference.map(|reference| self.references.observe(at, reference, event)).unwrap_or_default()
    }

    fn apply(&mut self, source: bool, object: Arc<Object>, concerned: &mut BTreeSet<Key>) {
        let key = object.key.clone();
        if !source {
            // What it was may have been another's copy.
            self.concerned_by(&key, concerned);
            // Of a stranger nothing but its being there matters.
            let object = if object.markers.is_some() { object } else { Arc::new(object.without_text()) };
            self.copies.insert(key.clone(), object);
            return self.concerned_by(&key, concerned);
        }
        let Some(place) = self.syncer.place(&object) else { return self.remove(source, &key, concerned) };
        if self.sources.get(&key).is_some_and(|(_, before)| *before != place) {
            self.remove(source, &key, concerned);
        }
        concerned.insert(self.syncer.name(&key, &place));
        self.wanted.insert((place.clone(), key.clone()));
        self.sources.insert(key, (object, place));
    }

    fn remove(&mut self, source: bool, key: &Key, concerned: &mut BTreeSet<Key>) {
        if !source {
            self.concerned_by(key, concerned);
            self.copies.remove(key);
        } else if let Some((_, place)) = self.sources.remove(key) {
            concerned.insert(self.syncer.name(key, &place));
            self.wanted.remove(&(place.clone(), key.clone()));
            // Another may have been waiting for the place.
            self.concerned_by(&place, concerned);
        }
    }

    /// The pairs that have to do with a place: of those that want it, and of the one whose copy stands there.
    fn concerned_by(&self, place: &Key, concerned: &mut BTreeSet<Key>) {
        let name = |source: &Key| self.syncer.name(source, place);
        concerned.extend(self.wanting(place).map(name));
        if let Some(object) = self.copies.get(place) {
            concerned.extend(self.syncer.origin(object).as_ref().map(name));
        }
    }

    /// The sources that want a place.
    fn wanting(&self, place: &Key) -> impl Iterator<Item = &Key> {
        let first = (place.clone(), Key { namespace: None, name: "".into() });
        let place = place.clone();
        self.wanted.range(first..).take_while(move |(wanted, _)| *wanted == place).map(|(_, source)| source)
    }

    /// The pair of this name, and what stands where its copy would.
    pub fn pair(&self, name: &Key) -> (Pair, Place) {
        let syncer = &self.syncer;
        let (source, place) = match syncer.direction() {
            Direction::Down => (Some(name), syncer.translator.physical_key(name)),
            // Of two that want one place, the one whose copy stands there has it, else the first that stays.
            Direction::Up => {
                let said = self.copies.get(name).and_then(|copy| syncer.origin(copy));
                let stays = |source: &&Key| self.sources.get(*source).is_some_and(|(object, _)| !object.deleting);
                let has = self.wanting(name).find(|source| said.as_ref() == Some(source));
                let has = has.or_else(|| self.wanting(name).find(stays));
                (has.or_else(|| self.wanting(name).next()), name.clone())
            }
        };
        let wanted = source.filter(|source| syncer.registered.references.is_empty() || self.references.contain(source));
        let source_object = wanted.and_then(|source| self.sources.get(source)).map(|(object, _)| Arc::clone(object));
        let standing = self.copies.get(&place);
        let said = standing.and_then(|object| syncer.origin(object));
        // Without a source only what says so itself is its copy, and only of what is this syncer's.
        let copy = standing.filter(|copy| match (&source_object, source) {
            (Some(_), Some(source)) => syncer.is_copy(copy, source),
            _ => said.as_ref().is_some_and(|said| syncer.name(said, &place) == *name) && syncer.inherits(copy),
        });
        // What is left of a source that went stands in the way of the next one: it is removed first.
        let left =
            standing.filter(|copy| syncer.direction() == Direction::Up && said.is_some() && syncer.inherits(copy));
        let (source_object, copy) = match (copy, left) {
            (None, Some(left)) => (None, Some(left)),
            _ => (source_object, copy),
        };
        let place_is = match (copy, standing) {
            (Some(copy), _) if syncer.is_anothers(copy) => Place::Anothers,
            (None, Some(stranger)) => Place::Occupied(Arc::clone(stranger)),
            _ => Place::Own,
        };
        let copy = copy.cloned();
        let (virtual_, physical, physical_key) = match syncer.direction() {
            Direction::Down => (source_object, copy, place),
            Direction::Up => {
                let key = source_object.as_ref().map(|object| object.key.clone());
                let key = key.or_else(|| standing.and_then(|copy| syncer.origin(copy)));
                (copy, source_object, key.unwrap_or(place))
            }
        };
        let direction = syncer.direction();
        (Pair { direction, key: name.clone(), physical_key, virtual_, physical, settled: None }, place_is)
    }

    /// Puts `object` in the place of an equal one, so that both are one in memory.
    pub fn share(&mut self, side: Side, object: &Arc<Object>) {
        let held = match side == self.syncer.direction().source() {
            true => self.sources.get_mut(&object.key).map(|(object, _)| object),
            false => self.copies.get_mut(&object.key),
        };
        if let Some(held) = held.filter(|held| held.same(object) && !Arc::ptr_eq(held, object)) {
            *held = Arc::clone(object);
        }
    }

    /// How many objects there are, virtual and physical.
    pub fn count(&self) -> (usize, usize) {
        match self.syncer.direction() {
            Direction::Down => (self.sources.len(), self.copies.len()),
            Direction::Up => (self.copies.len(), self.sources.len()),
        }
    }
}

#[cfg(test)]
mod tests;
