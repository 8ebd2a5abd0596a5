//! What a watch says.

use std::sync::Arc;

use crate::object::Object;

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
