//! One hook of a registration.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::grants::{Grant, Verb};
use crate::hook::Operation;
use crate::key::{Gvk, Side};

/// Sees objects of one kind on their way to, or from, one cluster.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Hook {
    /// Its name, unique among the plugin's hooks.
    pub name: String,
    /// Which cluster.
    pub side: Side,
    /// Which kind.
    pub kind: Gvk,
    /// On which occasions.
    pub operations: BTreeSet<Operation>,
}

impl Hook {
    /// Whether it is called for this.
    pub fn is_for(&self, side: Side, gvk: &Gvk, operation: Operation) -> bool {
        self.side == side && self.kind == *gvk && self.operations.contains(&operation)
    }

    /// It sees and may change what others write.
    pub(super) fn ask(&self) -> Grant {
        Grant::new(self.side, &self.kind, [Verb::Hook])
    }
}
