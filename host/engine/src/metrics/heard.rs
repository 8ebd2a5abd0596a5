//! When the watches of a syncer last heard something.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

use sluice_core::key::{Gvk, Side, Time};

use super::{read, write};
use crate::syncer::now;

/// One watch: what it is of, and when it last heard something.
#[derive(Debug)]
pub(crate) struct Ear {
    side: Side,
    /// `v1 ConfigMap`.
    kind: String,
    /// Milliseconds since 1970; 0 before it has heard anything.
    heard: AtomicU64,
}

impl Ear {
    /// The API server says something, if only that it is there.
    pub(crate) fn hears(&self) {
        self.heard.store(now().0, Ordering::Relaxed);
    }
}

/// All watches of one syncer, as long as they run.
#[derive(Debug, Default)]
pub(super) struct Ears(RwLock<Vec<Arc<Ear>>>);

impl Ears {
    pub(super) fn one_more(&self, side: Side, gvk: &Gvk) -> Arc<Ear> {
        let ear = Arc::new(Ear { side, kind: gvk.to_string(), heard: AtomicU64::new(0) });
        write(&self.0).push(Arc::clone(&ear));
        ear
    }

    /// They have ended.
    pub(super) fn none(&self) {
        write(&self.0).clear();
    }

    /// When something was last heard of each kind of each side. There may be many watches of one, each of a namespace of
    /// its own, and what counts is the one that has been silent for longest. One that is still waiting for its first word
    /// has not fallen silent.
    pub(super) fn heard(&self) -> BTreeMap<(Side, String), Time> {
        let mut all = BTreeMap::new();
        for ear in read(&self.0).iter() {
            let heard = Time(ear.heard.load(Ordering::Relaxed));
            if heard > Time::default() {
                let least = all.entry((ear.side, ear.kind.clone())).or_insert(heard);
                *least = heard.min(*least);
            }
        }
        all
    }
}
