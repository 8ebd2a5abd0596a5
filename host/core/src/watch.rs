//! What a watch says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::key::Key;
use crate::object::Object;

/// Where the plugin says that physical objects go, for those that it gave an answer for.
pub type Places = BTreeMap<Key, BTreeSet<Key>>;

/// A step of a watch on one kind of one side.
#[derive(Clone, Debug)]
pub enum WatchEvent {
    /// This is all there is in what is watched: the first list, or a list after a gap. What is not in it is gone.
    Reset {
        /// The namespace that is watched; none for all.
        namespace: Option<Arc<str>>,
        /// Every object of it.
        objects: Vec<Arc<Object>>,
    },
    /// It was made, or changed.
    Applied(Arc<Object>),
    /// It is gone. As it was last seen.
    Deleted(Arc<Object>),
}
