//! ConfigMaps that hold plugins: what of them matters, to whoever reads them and to whoever judges them.

use std::collections::BTreeMap;
use std::fmt;

use crate::markers;

/// A ConfigMap that holds a plugin, or a part of one.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
    /// What it holds, not in base64.
    pub binary_data: BTreeMap<String, Vec<u8>>,
}

impl Part {
    /// Whether it is, or is made to look like, what vCluster or a plugin copied from a virtual cluster.
    pub fn is_copy(&self) -> bool {
        self.labels.keys().chain(self.annotations.keys()).any(|key| key.starts_with(markers::PREFIX))
    }

    /// As messages name it: `namespace/name`.
    pub fn place(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// Without what it holds.
impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConfigMap {} with {:?}", self.place(), self.binary_data.keys())
    }
}
