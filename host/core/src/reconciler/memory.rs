//! What is remembered of a pair from one call to the next.

use crate::key::Time;
use crate::pair::{Awaited, Halves, Pair};

/// What is remembered of a pair from one call to the next.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Both halves when they last settled: from what differs, a plugin sees who changed what.
    pub(super) base: Option<Box<Halves>>,
    pub(super) rest: Rest,
    pub(super) awaited: [Option<Awaited>; 2],
    pub(super) awaited_until: Time,
    /// Something else that it depends on has changed: it is looked at though it rests.
    pub(super) poked: bool,
    /// When to call though nothing changed: the plugin asked for that.
    pub(super) call_at: Option<Time>,
}

/// As long as the halves are these, there is nothing to do.
#[derive(Debug, Default)]
pub(super) enum Rest {
    #[default]
    No,
    AtBase,
    At(Box<Halves>),
}

impl Memory {
    pub(super) fn rests(&self, pair: &Pair) -> bool {
        let halves = match &self.rest {
            Rest::No => None,
            Rest::AtBase => self.base.as_deref(),
            Rest::At(halves) => Some(&**halves),
        };
        halves.is_some_and(|halves| halves.same(pair.virtual_.as_deref(), pair.physical.as_deref()))
    }

    /// The watches now show these.
    pub(super) fn catch_up(&mut self, pair: &Pair) {
        for (awaited, half) in self.awaited.iter_mut().zip([&pair.virtual_, &pair.physical]) {
            if awaited.as_ref().is_some_and(|awaited| awaited.fulfilled(half.as_deref())) {
                *awaited = None;
            }
        }
    }
}
