//! One syncer at one virtual cluster: which objects are its, and which two are a pair.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::key::{Direction, Gvk, Key, Side};
use crate::markers::Markers;
use crate::object::Object;
use crate::registration;
use crate::translate::Translator;

/// A registered syncer, with what it needs to know of the rest.
#[derive(Clone, Debug)]
pub struct Syncer {
    /// As the plugin registered it.
    pub registered: registration::Syncer,
    /// The translation of this virtual cluster.
    pub translator: Arc<Translator>,
    /// The operator's name of the plugin.
    pub plugin: String,
    mark: String,
    /// The marks of the other syncers that copy this kind in this direction now.
    others: BTreeSet<String>,
}

impl Syncer {
    /// Alone with its kind.
    pub fn new(registered: registration::Syncer, plugin: &str, translator: Arc<Translator>) -> Self {
        let mark = format!("{plugin}/{}", registered.name);
        Self { registered, translator, plugin: plugin.into(), mark, others: BTreeSet::new() }
    }

    /// Beside these, which copy the same kind in the same direction.
    #[must_use]
    pub fn beside(self, others: BTreeSet<String>) -> Self {
        Self { others, ..self }
    }

    /// Whether these are the others that it was told of.
    pub fn is_beside(&self, others: &BTreeSet<String>) -> bool {
        self.others == *others
    }

    /// What its copies carry: `plugin/syncer`.
    pub fn mark(&self) -> &str {
        &self.mark
    }

    /// The kind of both its sides.
    pub fn gvk(&self) -> &Gvk {
        &self.registered.kind
    }

    /// Which way it copies.
    pub fn direction(&self) -> Direction {
        self.registered.direction
    }

    /// Whether both copy one kind, of whatever version, in one direction.
    pub fn is_like(&self, other: &Self) -> bool {
        let kind = |syncer: &Self| (syncer.gvk().group.clone(), syncer.gvk().kind.clone());
        kind(self) == kind(other) && self.direction() == other.direction()
    }

    /// Where the copy of an object of the source side stands; none if the object is not one to copy, or if the plugin
    /// says where.
    pub fn place(&self, source: &Object) -> Option<Key> {
        let markers = source.markers.as_deref();
        match self.direction() {
            Direction::Down => {
                // What the same plugin brought up it does not send down again.
                let by = markers.filter(|markers| markers.imported).and_then(|markers| markers.syncer.as_deref());
                let brought = by.and_then(|by| by.split_once('/')).is_some_and(|(plugin, _)| plugin == self.plugin);
                (!brought).then(|| self.translator.physical_key(&source.key))
            }
            Direction::Up => {
                let names = self.registered.names.as_ref().filter(|_| self.may_come_up(source))?;
                names.virtual_key(source, self.translator.namespace())
            }
            Direction::Virtual => None,
        }
    }

    /// A copy of whatever virtual cluster is not brought up.
    pub fn may_come_up(&self, physical: &Object) -> bool {
        let is_copy = |markers: &Markers| markers.managed_by.is_some() || markers.object_name.is_some();
        !physical.markers.as_deref().is_some_and(is_copy)
    }

    /// The source that a copy says it is the copy of.
    pub fn origin(&self, copy: &Object) -> Option<Key> {
        match self.direction() {
            Direction::Down => self.translator.origin(self.gvk(), copy),
            Direction::Up => self.translator.imported_from(self.gvk(), copy),
            Direction::Virtual => None,
        }
    }

    /// Whether what stands on the copy side is the copy of this source.
    pub fn is_copy(&self, copy: &Object, of: &Key) -> bool {
        match self.direction() {
            Direction::Down => self.translator.is_copy(self.gvk(), copy, of),
            Direction::Up | Direction::Virtual => self.origin(copy).as_ref() == Some(of),
        }
    }

    /// Whether the copy says that it is this syncer's.
    pub fn keeps(&self, copy: &Object) -> bool {
        kept_by(copy) == Some(self.mark())
    }

    /// Whether another syncer keeps this copy.
    pub fn is_anothers(&self, copy: &Object) -> bool {
        kept_by(copy).is_some_and(|mark| mark != self.mark() && self.others.contains(mark))
    }

    /// Whether a copy without a source is its to remove.
    pub fn inherits(&self, copy: &Object) -> bool {
        self.keeps(copy) || (self.registered.is_exclusive() && !self.is_anothers(copy))
    }

    /// The name of a pair is its virtual key.
    pub(crate) fn name(&self, source: &Key, place: &Key) -> Key {
        match self.direction().source() {
            Side::Virtual => source.clone(),
            Side::Physical => place.clone(),
        }
    }
}

fn kept_by(copy: &Object) -> Option<&str> {
    copy.markers.as_deref().and_then(|markers| markers.syncer.as_deref())
}
