//! Which two objects are a pair, and what stands where a copy would.

use std::sync::Arc;

use super::{Index, Place};
use crate::key::{Direction, Key};
use crate::object::Object;
use crate::pair::Pair;

impl Index {
    /// The sources that want a place.
    pub(super) fn wanting(&self, place: &Key) -> impl Iterator<Item = &Key> {
        let first = (place.clone(), Key { namespace: None, name: "".into() });
        let place = place.clone();
        self.wanted.range(first..).take_while(move |(wanted, _)| *wanted == place).map(|(_, source)| source)
    }

    /// The pair of this name, and what stands where its copy would.
    pub fn pair(&self, name: &Key) -> (Pair, Place) {
        let syncer = &self.syncer;
        if syncer.direction() == Direction::Virtual {
            return self.wanted_pair(name);
        }
        let (source, place) = match syncer.direction() {
            Direction::Down => (Some(name), syncer.translator.physical_key(name)),
            // Of two that want one place, the one whose copy stands there has it, else the first that stays.
            Direction::Up | Direction::Virtual => {
                let said = self.copies.get(name).and_then(|copy| syncer.origin(copy));
                let stays = |source: &&Key| self.sources.get(*source).is_some_and(|(object, _)| !object.deleting);
                let has = self.wanting(name).find(|source| said.as_ref() == Some(source));
                let has = has.or_else(|| self.wanting(name).find(stays));
                (has.or_else(|| self.wanting(name).next()), name.clone())
            }
        };
        let wanted = source.filter(|source| !syncer.registered.is_by_reference() || self.references.contain(source));
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
            (Some(_), _) if said.as_ref().is_some_and(|said| self.unsaid.contains(said)) => Place::Unsaid,
            (None, Some(stranger)) => Place::Occupied(Arc::clone(stranger)),
            _ => Place::Own,
        };
        let copy = copy.cloned();
        let (virtual_, physical, physical_key) = match syncer.direction() {
            Direction::Down => (source_object, copy, place),
            Direction::Up | Direction::Virtual => {
                let key = source_object.as_ref().map(|object| object.key.clone());
                let key = key.or_else(|| standing.and_then(|copy| syncer.origin(copy)));
                (copy, source_object, key.unwrap_or(place))
            }
        };
        let direction = syncer.direction();
        (Pair { direction, key: name.clone(), physical_key, virtual_, physical, settled: None }, place_is)
    }

    /// What stands, or would, where something wants a virtual object.
    fn wanted_pair(&self, name: &Key) -> (Pair, Place) {
        let own = |object: &&Arc<Object>| self.syncer.keeps(object);
        let place = match self.copies.get(name) {
            Some(other) if !own(&other) => Place::Occupied(Arc::clone(other)),
            _ if self.references.contain(name) => Place::Own,
            _ => Place::Unwanted,
        };
        let virtual_ = self.copies.get(name).filter(own).cloned();
        let (direction, key, physical_key) = (Direction::Virtual, name.clone(), name.clone());
        (Pair { direction, key, physical_key, virtual_, physical: None, settled: None }, place)
    }
}
