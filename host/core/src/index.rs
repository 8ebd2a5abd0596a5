//! Both sides of one kind, paired: what the watches have shown.

mod pairing;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::key::{Direction, Key, Side};
use crate::object::Object;
use crate::references::References;
use crate::syncer::Syncer;
use crate::watch::{Places, WatchEvent};
use crate::watched::{Concern, Filed};

/// The objects of one syncer on both sides. Filled by watches alone.
#[derive(Debug)]
pub struct Index {
    syncer: Arc<Syncer>,
    /// Whether its kind is in namespaces.
    namespaced: bool,
    /// What is copied, and where its copies stand: one, unless the plugin says more.
    sources: BTreeMap<Key, (Arc<Object>, Box<[Key]>)>,
    copies: BTreeMap<Key, Arc<Object>>,
    /// Place and source: who would stand there. Two may want one place.
    wanted: BTreeSet<(Key, Key)>,
    /// Sources of which the plugin has not said yet where they go: their copies stay until it does.
    unsaid: BTreeSet<Key>,
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
    /// The copy stands there of a source of which the plugin has not said yet where it goes.
    Unsaid,
    /// Nothing wants what stands there, or would.
    Unwanted,
}

impl Index {
    /// An empty one. `namespaced`: whether the syncer's kind is in namespaces.
    pub fn new(syncer: Arc<Syncer>, namespaced: bool) -> Self {
        let (sources, copies, wanted, unsaid, references) = Default::default();
        Self { syncer, namespaced, sources, copies, wanted, unsaid, references }
    }

    /// Whose it is.
    pub fn syncer(&self) -> &Arc<Syncer> {
        &self.syncer
    }

    /// Takes in what a watch says. Returns the names of the pairs that it concerns.
    pub fn observe(&mut self, side: Side, event: WatchEvent) -> BTreeSet<Key> {
        self.observe_mapped(side, event, &Places::new())
    }

    /// The same, where the plugin says where the objects go. What it gave no answer for stays where it is.
    pub fn observe_mapped(&mut self, side: Side, event: WatchEvent, said: &Places) -> BTreeSet<Key> {
        let mut concerned = BTreeSet::new();
        let source = side == self.syncer.direction().source();
        match event {
            WatchEvent::Applied(object) => self.apply(source, object, said, &mut concerned),
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
                    self.apply(source, object, said, &mut concerned);
                }
            }
        }
        concerned
    }

    /// Takes in what the watch of the syncer's reference `at` says. Returns the names of the pairs that it concerns.
    pub fn observe_reference(&mut self, at: usize, event: &WatchEvent) -> BTreeSet<Key> {
        let reference = self.syncer.registered.references.get(at);
        let namespaced = self.namespaced;
        reference.map(|reference| self.references.observe(at, reference, namespaced, event)).unwrap_or_default()
    }

    /// Takes in what objects of a watch concern. Returns the names of the pairs that it concerns.
    pub fn observe_watched(&mut self, filed: Filed) -> BTreeSet<Key> {
        let mut concerned = match filed.concern {
            Concern::Pairs(keys) => keys.into_iter().filter(|key| self.fits(key)).collect(),
            Concern::All => self.names(),
        };
        let syncer = &self.syncer.registered;
        if syncer.watches.get(filed.watch).is_some_and(|watch| watch.selects) {
            let at = syncer.references.len() + filed.watch;
            for (object, mut names) in filed.names {
                names.retain(|key| self.fits(key));
                self.references.set(at, object, names, &mut concerned);
            }
        }
        concerned
    }

    /// The names of all pairs.
    fn names(&self) -> BTreeSet<Key> {
        let mut names = BTreeSet::new();
        for (source, (_, places)) in &self.sources {
            names.extend(places.iter().map(|place| self.syncer.name(source, place)));
        }
        for place in self.copies.keys() {
            self.concerned_by(place, &mut names);
        }
        names
    }

    /// Whether an object of the syncer's kind can have this key.
    fn fits(&self, key: &Key) -> bool {
        key.namespace.is_some() == self.namespaced
    }

    fn apply(&mut self, source: bool, object: Arc<Object>, said: &Places, concerned: &mut BTreeSet<Key>) {
        let key = object.key.clone();
        if !source {
            // What it was may have been another's copy.
            self.concerned_by(&key, concerned);
            // Of a stranger nothing but its being there matters.
            let object = if object.markers.is_some() { object } else { Arc::new(object.without_text()) };
            self.copies.insert(key.clone(), object);
            return self.concerned_by(&key, concerned);
        }
        self.hear(&object, said, concerned);
        let places = self.places(&object, said);
        let before = self.sources.remove(&key).map(|(_, places)| places).unwrap_or_default();
        for place in before.iter().filter(|place| !places.contains(place)) {
            self.leave(&key, place, concerned);
        }
        for place in &places {
            concerned.insert(self.syncer.name(&key, place));
            self.wanted.insert((place.clone(), key.clone()));
        }
        // One that goes nowhere by the plugin's word stays there without another.
        if !places.is_empty() || self.syncer.registered.has_own_names() {
            self.sources.insert(key, (object, places));
        }
    }

    /// Whether the plugin has ever said where a source goes. As soon as it has, copies that stayed until then are looked at.
    fn hear(&mut self, source: &Object, said: &Places, concerned: &mut BTreeSet<Key>) {
        let asked = self.syncer.registered.has_own_names() && self.syncer.may_come_up(source);
        if asked && !said.contains_key(&source.key) && !self.sources.contains_key(&source.key) {
            self.unsaid.insert(source.key.clone());
        } else if asked == said.contains_key(&source.key) {
            self.settle(&source.key, concerned);
        }
    }

    /// A source is not one any more of which nothing is said.
    fn settle(&mut self, source: &Key, concerned: &mut BTreeSet<Key>) {
        if self.unsaid.remove(source) {
            let copies = self.copies.iter().filter(|(_, copy)| self.syncer.origin(copy).as_ref() == Some(source));
            concerned.extend(copies.map(|(place, _)| self.syncer.name(source, place)));
        }
    }

    /// Where the copies of a source stand.
    fn places(&self, source: &Object, said: &Places) -> Box<[Key]> {
        if !self.syncer.registered.has_own_names() {
            return self.syncer.place(source).into_iter().collect();
        }
        if !self.syncer.may_come_up(source) {
            return Box::default();
        }
        match said.get(&source.key) {
            Some(places) => places.iter().filter(|place| self.fits(place)).cloned().collect(),
            None => self.sources.get(&source.key).map(|(_, places)| places.clone()).unwrap_or_default(),
        }
    }

    fn remove(&mut self, source: bool, key: &Key, concerned: &mut BTreeSet<Key>) {
        if !source {
            self.concerned_by(key, concerned);
            self.copies.remove(key);
        } else if let Some((_, places)) = self.sources.remove(key) {
            self.settle(key, concerned);
            for place in &places {
                self.leave(key, place, concerned);
            }
        }
    }

    /// A source does not want this place any more.
    fn leave(&mut self, source: &Key, place: &Key, concerned: &mut BTreeSet<Key>) {
        concerned.insert(self.syncer.name(source, place));
        self.wanted.remove(&(place.clone(), source.clone()));
        // Another may have been waiting for the place.
        self.concerned_by(place, concerned);
    }

    /// Whom it concerns what stands at a place of the copy side.
    fn concerned_by(&self, place: &Key, concerned: &mut BTreeSet<Key>) {
        if self.syncer.direction() == Direction::Virtual {
            concerned.insert(place.clone());
            return;
        }
        let name = |source: &Key| self.syncer.name(source, place);
        concerned.extend(self.wanting(place).map(name));
        if let Some(object) = self.copies.get(place) {
            concerned.extend(self.syncer.origin(object).as_ref().map(name));
        }
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
            Direction::Up | Direction::Virtual => (self.copies.len(), self.sources.len()),
        }
    }
}

#[cfg(test)]
mod tests;
