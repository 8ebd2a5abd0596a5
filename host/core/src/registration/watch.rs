//! One watch of a syncer: objects of another kind that its pairs depend on.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::grants::{Grant, Verb};
use crate::key::{Gvk, Side};
use crate::selector::Selection;

/// Objects of one kind of one side.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    /// Its name, unique within the syncer.
    pub name: String,
    /// Which cluster.
    pub side: Side,
    /// Which kind.
    pub kind: Gvk,
    /// Which of them. A namespace that is empty is the target namespace.
    #[serde(default, skip_serializing_if = "Selection::is_all")]
    pub select: Selection,
    /// Whether only what they concern is synced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub selects: bool,
}

impl Watch {
    /// The namespaces that are watched; none are all.
    pub fn namespaces(&self, target_namespace: &str) -> BTreeSet<String> {
        let name = |name: &String| if name.is_empty() { target_namespace } else { name }.to_owned();
        self.select.namespaces.iter().map(name).collect()
    }

    /// The plugin sees what is watched.
    pub(super) fn ask(&self) -> Grant {
        Grant { namespaces: self.select.namespaces.clone(), ..Grant::new(self.side, &self.kind, [Verb::Read]) }
    }
}
