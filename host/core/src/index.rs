//! Both sides of one kind, paired: what the watches have shown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::key::{Gvk, Key, Side};
use crate::object::Object;
use crate::pair::Pair;
use crate::translate::Translator;
use crate::watch::WatchEvent;

/// The objects of one kind on both sides. Filled by watches alone.
#[derive(Debug)]
pub struct Index {
    gvk: Gvk,
    translator: Arc<Translator>,
    virtual_: BTreeMap<Key, Arc<Object>>,
    physical: BTreeMap<Key, Arc<Object>>,
    /// Physical key and virtual key of each virtual object: who would stand there. Two may want one place.
    wanted: BTreeSet<(Key, Key)>,
    listed: [bool; 2],
}

impl Index {
    /// An empty one.
    pub fn new(gvk: Gvk, translator: Arc<Translator>) -> Self {
        let (virtual_, physical, wanted) = Default::default();
        Self { gvk, translator, virtual_, physical, wanted, listed: [false; 2] }
    }

    /// Whether both sides have been listed, so that what is missing is known to be missing.
    pub fn is_complete(&self) -> bool {
        self.listed == [true; 2]
    }

    /// Takes in what a watch says. Returns the virtual keys that it concerns.
    pub fn observe(&mut self, side: Side, event: WatchEvent) -> BTreeSet<Key> {
        let mut concerned = BTreeSet::new();
        match event {
            WatchEvent::Applied(object) => self.apply(side, object, &mut concerned),
            WatchEvent::Deleted(object) => self.remove(side, &object.key, &mut concerned),
            WatchEvent::Reset(objects) => self.reset(side, objects, &mut concerned),
        }
        concerned
    }

    /// What was there and is not among `objects` went while nobody looked.
    fn reset(&mut self, side: Side, objects: Vec<Arc<Object>>, concerned: &mut BTreeSet<Key>) {
        let live: BTreeSet<&Key> = objects.iter().map(|object| &object.key).collect();
        let gone: Vec<Key> = self.side(side).keys().filter(|key| !live.contains(key)).cloned().collect();
        for key in gone {
            self.remove(side, &key, concerned);
        }
        for object in objects {
            self.apply(side, object, concerned);
        }
        self.listed[side as usize] = true;
    }

    fn apply(&mut self, side: Side, object: Arc<Object>, concerned: &mut BTreeSet<Key>) {
        match side {
            Side::Virtual => {
                let key = object.key.clone();
                self.wanted.insert((self.translator.physical_key(&key), key.clone()));
                self.virtual_.insert(key.clone(), object);
                concerned.insert(key);
            }
            Side::Physical => {
                // What it was may have been another's copy.
                self.concerned_by(&object.key, concerned);
                let key = object.key.clone();
                // Of a stranger nothing but its being there matters.
                let object = if object.markers.is_some() { object } else { Arc::new(object.without_text()) };
                self.physical.insert(key.clone(), object);
                self.concerned_by(&key, concerned);
            }
        }
    }

    fn remove(&mut self, side: Side, key: &Key, concerned: &mut BTreeSet<Key>) {
        match side {
            Side::Virtual => {
                self.virtual_.remove(key);
                let place = self.translator.physical_key(key);
                self.wanted.remove(&(place.clone(), key.clone()));
                concerned.insert(key.clone());
                // Another may have been waiting for the place.
                self.concerned_by(&place, concerned);
            }
            Side::Physical => {
                self.concerned_by(key, concerned);
                self.physical.remove(key);
            }
        }
    }

    /// The virtual keys that have to do with a physical one: those that want it, and the one it says it is the copy of.
    fn concerned_by(&self, place: &Key, concerned: &mut BTreeSet<Key>) {
        let first = (place.clone(), Key { namespace: None, name: "".into() });
        let wanting = self.wanted.range(first..).take_while(|(wanted, _)| wanted == place);
        concerned.extend(wanting.map(|(_, key)| key.clone()));
        if let Some(object) = self.physical.get(place) {
            concerned.extend(self.translator.origin(&self.gvk, object));
        }
    }

    /// The pair of a virtual key, and whether something that is not its copy stands where the copy would.
    pub fn pair(&self, key: &Key) -> (Pair, bool) {
        let physical_key = self.translator.physical_key(key);
        let standing = self.physical.get(&physical_key);
        let physical = standing.filter(|object| self.translator.is_copy(&self.gvk, object, key)).cloned();
        let occupied = standing.is_some() && physical.is_none();
        let virtual_ = self.virtual_.get(key).cloned();
        // Without a virtual object only what says so itself is its copy.
        let physical = physical
            .filter(|object| virtual_.is_some() || self.translator.origin(&self.gvk, object).as_ref() == Some(key));
        (Pair { key: key.clone(), physical_key, virtual_, physical, settled: None }, occupied)
    }

    /// Puts `object` in the place of an equal one, so that both are one in memory.
    pub fn share(&mut self, side: Side, object: &Arc<Object>) {
        let map = match side {
            Side::Virtual => &mut self.virtual_,
            Side::Physical => &mut self.physical,
        };
        if let Some(held) = map.get_mut(&object.key).filter(|held| held.same(object) && !Arc::ptr_eq(held, object)) {
            *held = Arc::clone(object);
        }
    }

    /// How many objects there are, virtual and physical.
    pub fn count(&self) -> (usize, usize) {
        (self.virtual_.len(), self.physical.len())
    }

    fn side(&self, side: Side) -> &BTreeMap<Key, Arc<Object>> {
        match side {
            Side::Virtual => &self.virtual_,
            Side::Physical => &self.physical,
        }
    }
}
