//! What came of a piece of work, and how its pair stands then.

use std::sync::Arc;

use crate::finalizers;
use crate::key::{Direction, Side};
use crate::object::Object;
use crate::pair::{Halves, Pair};
use crate::pointer;
use crate::syncer::Syncer;
use crate::write::Read;

/// What came of a piece of work.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is done.
    Done {
        /// What was written, in order.
        effects: Vec<Effect>,
        /// Call again after so many milliseconds.
        requeue: Option<u32>,
    },
    /// Some of it may have been written; look again after a backoff.
    Failed {
        /// What was written before.
        effects: Vec<Effect>,
        /// The shortest time to wait in milliseconds, where somebody said so.
        after: Option<u64>,
    },
    /// The runtime wrote this by itself: the plugin has still to see it.
    Written {
        /// What was written, in order.
        effects: Vec<Effect>,
    },
    /// Nothing was written, and nothing will be until something changes.
    Rejected,
}

/// A write that happened.
#[derive(Clone, Debug)]
pub enum Effect {
    /// This stands there now. `settled`: it is what was asked for, so there is no need to ask again.
    Stored {
        /// Where.
        side: Side,
        /// What.
        object: Arc<Object>,
        /// Whether it holds everything that was asked for.
        settled: bool,
    },
    /// This is gone, or going.
    Deleted {
        /// Where.
        side: Side,
        /// Which.
        read: Read,
    },
}

impl Effect {
    /// Whether what stands there now is what was asked for.
    pub fn is_kept(&self) -> bool {
        !matches!(self, Self::Stored { settled: false, .. })
    }

    pub(super) fn is_deletion(&self) -> bool {
        matches!(self, Self::Deleted { .. })
    }
}

/// Whether a copy that was just made owes its source something, or is owed: what its API server said of it in a status
/// nobody has seen yet, and there was nothing that finalizers could be brought to. What is virtual alone gets its status.
pub(super) fn owed(before: &Pair, now: &Halves, syncer: &Syncer) -> bool {
    if before.direction == Direction::Virtual {
        return before.virtual_.is_none() && now.virtual_.is_some();
    }
    let (Some(virtual_), Some(physical)) = (&now.virtual_, &now.physical) else { return false };
    if before.half(before.direction.copy()).is_some() {
        return false;
    }
    let [above, below] = [virtual_, physical]
        .map(|half| pointer::get(&half.json, "/status").filter(|status| !["{}", "null"].contains(status)));
    if above != below {
        return true;
    }
    let pair = Pair { virtual_: now.virtual_.clone(), physical: now.physical.clone(), ..before.clone() };
    syncer.registered.finalizers && !finalizers::writes(&pair, syncer).is_empty()
}

/// How the pair stands after these writes.
pub(super) fn after(pair: &Pair, effects: &[Effect]) -> Halves {
    let mut halves = Halves { virtual_: pair.virtual_.clone(), physical: pair.physical.clone() };
    for effect in effects {
        let (side, half) = match effect {
            Effect::Stored { side, object, .. } => (side, Some(Arc::clone(object))),
            Effect::Deleted { side, .. } => (side, None),
        };
        match side {
            Side::Virtual => halves.virtual_ = half,
            Side::Physical => halves.physical = half,
        }
    }
    halves
}
