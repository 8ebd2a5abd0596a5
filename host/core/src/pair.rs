//! The two halves of what is kept in step, and what they call for.

use std::sync::Arc;

use crate::key::{Gvk, Key, Side, Target};
use crate::object::{Object, Version};
use crate::write::{Read, Write};

/// A virtual object and its physical copy, either of which may be missing.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The virtual key, which names the pair.
    pub key: Key,
    /// Where the copy stands, or would.
    pub physical_key: Key,
    /// The virtual object.
    pub virtual_: Option<Arc<Object>>,
    /// Its copy.
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
    /// Something else stands where the copy would.
    Blocked,
    /// The plugin's sync-down.
    SyncDown,
    /// The plugin's sync.
    Sync,
    /// The plugin's sync-up.
    SyncUp,
}

/// Why a copy is deleted without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its virtual object is being deleted.
    Deleting,
    /// Its virtual object is another one of the same name.
    Replaced,
}

impl Pair {
    /// What is to be done. `syncer`: its name, for the ignore annotation. `occupied`: the physical name is taken by something else.
    pub fn step(&self, syncer: &str, occupied: bool) -> Step {
        let ignored =
            |object: &Arc<Object>| object.markers.as_deref().is_some_and(|markers| markers.ignored_by(syncer));
        if self.virtual_.iter().chain(&self.physical).any(ignored) {
            return Step::Rest;
        }
        match (&self.virtual_, &self.physical) {
            (None, None) => Step::Rest,
            // A copy that is going comes back, or not, when it is gone.
            (_, Some(physical)) if physical.deleting => Step::Rest,
            (Some(virtual_), Some(_)) if virtual_.deleting => Step::Delete(Reason::Deleting),
            (Some(virtual_), Some(physical)) if replaced(virtual_, physical) => Step::Delete(Reason::Replaced),
            (Some(_), Some(_)) => Step::Sync,
            (Some(virtual_), None) if virtual_.deleting => Step::Rest,
            (Some(_), None) if occupied => Step::Blocked,
            (Some(_), None) => Step::SyncDown,
            (None, Some(_)) => Step::SyncUp,
        }
    }

    /// The request that deletes the copy, if there is one that is not going already.
    pub fn removal(&self, gvk: &Gvk) -> Option<Write> {
        let physical = self.physical.as_ref().filter(|physical| !physical.deleting)?;
        let target = Target { side: Side::Physical, gvk: gvk.clone(), key: physical.key.clone() };
        Some(Write::Delete { target, read: Read::from(&**physical) })
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
fn replaced(virtual_: &Object, physical: &Object) -> bool {
    let uid = physical.markers.as_deref().and_then(|markers| markers.object_uid.as_deref());
    uid.is_some_and(|uid| !uid.is_empty() && *uid != *virtual_.uid)
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
