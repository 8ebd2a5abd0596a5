use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where physical objects go in the virtual cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Names {
    /// Each keeps its name. For cluster-scoped objects.
    Same,
    /// The plugin says: [`UpSyncer::to_virtual`](crate::UpSyncer::to_virtual). It is not for an operator to choose.
    #[serde(skip_deserializing)]
    Own,
    /// The annotation of the physical object that says namespace/name; objects without it are not brought up.
    Annotation(String),
    /// From physical to virtual: "team/a": "default/b", "team/*": "team/*", "/a" for one of the target namespace;
    /// without namespaces "a": "b", "*": "*". What is not among them is not brought up.
    Map(BTreeMap<String, String>),
}

impl Names {
    /// [`Self::Annotation`]: `Names::annotation("example.com/import")`.
    pub fn annotation(key: impl Into<String>) -> Self {
        Self::Annotation(key.into())
    }

    /// [`Self::Map`]: `Names::map([("team/*", "team/*"), ("/ca", "default/ca")])`.
    pub fn map<P: Into<String>, V: Into<String>>(entries: impl IntoIterator<Item = (P, V)>) -> Self {
        Self::Map(entries.into_iter().map(|(physical, virtual_)| (physical.into(), virtual_.into())).collect())
    }
}
