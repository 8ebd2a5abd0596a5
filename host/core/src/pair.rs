//! The two halves of what is kept in step, and what they call for.

use std::sync::Arc;

use crate::finalizers;
use crate::index::Place;
use crate::key::{Direction, Gvk, Key, Side, Target};
use crate::object::{Object, Version};
use crate::syncer::Syncer;
use crate::write::{Read, Write};

/// A virtual object and a physical one, of which one is the copy of the other. Either may be missing.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Which of them is the copy.
    pub direction: Direction,
    /// The virtual key, which names the pair.
    pub key: Key,
    /// Where the physical object stands, or would.
    pub physical_key: Key,
    /// The virtual object.
    pub virtual_: Option<Arc<Object>>,
    /// The physical object.
    pub physical: Option<Arc<Object>>,
    /// Both as they were when the pair last settled.
    pub settled: Option<Box<Halves>>,
}

/// Both halves at some time.
#[derive(Clone, Debug, Default)]
pub struct Halves {
    /// The virtual object.
    pub virtual_: Option<Arc<Object>>,
    /// Its copy.
    pub physical: Option<Arc<Object>>,
}

impl Halves {
    /// Whether they are the same objects at the same versions.
    pub fn same(&self, virtual_: Option<&Object>, physical: Option<&Object>) -> bool {
        let same = |one: Option<&Object>, other: Option<&Object>| match (one, other) {
            (Some(one), Some(other)) => one.same(other),
            (None, None) => true,
            _ => false,
        };
        same(self.virtual_.as_deref(), virtual_) && same(self.physical.as_deref(), physical)
    }
}

/// What a pair calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing, until something changes.
    Rest,
    /// The copy is to be deleted; no plugin is asked.
    Delete(Reason),
    /// Finalizers of one half are to be brought to the other; no plugin is asked.
    Finalizers,
    /// Something else stands where the copy would.
    Blocked,
    /// The plugin's sync-down.
    SyncDown,
    /// The plugin's sync.
    Sync,
    /// The plugin's sync-up.
    SyncUp,
    /// The plugin's create, for what is virtual alone.
    Create,
    /// The plugin's sync, for what is virtual alone.
    Keep,
}

impl Step {
    /// Whether the plugin is asked.
    pub fn is_the_plugins(self) -> bool {
        matches!(self, Self::SyncDown | Self::Sync | Self::SyncUp | Self::Create | Self::Keep)
    }
}

/// Why a copy is deleted without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its source is being deleted.
    Deleting,
    /// Its source is another one of the same name.
    Replaced,
    /// Nothing wants it any more.
    Unwanted,
}

impl Pair {
    /// What is to be done. `place`: what stands where the copy would.
    pub fn step(&self, syncer: &Syncer, place: &Place) -> Step {
        let name = &syncer.registered.name;
        let ignored = |object: &Arc<Object>| object.markers.as_deref().is_some_and(|markers| markers.ignored_by(name));
        if matches!(place, Place::Anothers | Place::Unsaid) || self.virtual_.iter().chain(&self.physical).any(ignored) {
            return Step::Rest;
        }
        if syncer.registered.finalizers && !finalizers::writes(self, syncer).is_empty() {
            return Step::Finalizers;
        }
        let (create, orphan) = match self.direction {
            Direction::Down => (Step::SyncDown, Step::SyncUp),
            Direction::Up => (Step::SyncUp, Step::SyncDown),
            Direction::Virtual => return self.wanted_step(place),
        };
        match (self.half(self.direction.source()), self.half(self.direction.copy())) {
            (None, None) => Step::Rest,
            // A copy that is going comes back, or not, when it is gone.
            (_, Some(copy)) if copy.deleting => Step::Rest,
            (Some(source), Some(_)) if source.deleting => Step::Delete(Reason::Deleting),
            (Some(source), Some(copy)) if replaced(source, copy) => Step::Delete(Reason::Replaced),
            (Some(_), Some(_)) => Step::Sync,
            (Some(source), None) if source.deleting => Step::Rest,
            (Some(_), None) if matches!(place, Place::Occupied(_)) => Step::Blocked,
            (Some(_), None) => create,
            (None, Some(_)) => orphan,
        }
    }

    /// What is to be done about an object that is virtual alone. Where another stands, what is wanted is there.
    fn wanted_step(&self, place: &Place) -> Step {
        match (&self.virtual_, place) {
            (Some(object), _) if object.deleting => Step::Rest,
            (Some(_), Place::Own) => Step::Keep,
            (Some(_), _) => Step::Delete(Reason::Unwanted),
            (None, Place::Own) => Step::Create,
            (None, _) => Step::Rest,
        }
    }

    /// The object of one side.
    pub fn half(&self, side: Side) -> Option<&Arc<Object>> {
        match side {
            Side::Virtual => self.virtual_.as_ref(),
            Side::Physical => self.physical.as_ref(),
        }
    }

    /// Which object the half of one side is, or would be.
    pub fn target(&self, side: Side, gvk: &Gvk) -> Target {
        let key = match side {
            Side::Virtual => self.key.clone(),
            Side::Physical => self.physical_key.clone(),
        };
        Target { side, gvk: gvk.clone(), key }
    }

    /// The request that deletes the copy, if there is one that is not going already.
    pub fn removal(&self, gvk: &Gvk) -> Option<Write> {
        let side = self.direction.copy();
        let copy = self.half(side).filter(|copy| !copy.deleting)?;
        Some(Write::Delete { target: self.target(side, gvk), read: Read::from(&**copy) })
    }

    /// The object as it was at this version when the pair settled.
    pub fn settled(&self, side: Side) -> Option<&Arc<Object>> {
        let halves = self.settled.as_deref()?;
        match side {
            Side::Virtual => halves.virtual_.as_ref(),
            Side::Physical => halves.physical.as_ref(),
        }
    }
}

/// Whether the copy was made of another object than this one, which has taken its name since.
fn replaced(source: &Object, copy: &Object) -> bool {
    let uid = copy.markers.as_deref().and_then(|markers| markers.object_uid.as_deref());
    uid.is_some_and(|uid| !uid.is_empty() && *uid != *source.uid)
}

/// What the watch must show before a pair is looked at again, so that no decision rests on what was before our own write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// The object at this version or a later one, or gone.
    Version(Version),
    /// Anything but the object of this uid.
    Gone(Box<str>),
}

impl Awaited {
    /// Whether the watch, which now shows `object`, has caught up.
    pub fn fulfilled(&self, object: Option<&Object>) -> bool {
        match (self, object) {
            (Self::Version(version), Some(object)) => object.version.shows(version),
            (Self::Version(_), None) => false,
            (Self::Gone(uid), Some(object)) => object.uid != *uid || object.deleting,
            (Self::Gone(_), None) => true,
        }
    }
}
