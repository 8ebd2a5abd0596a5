//! What a plugin tells vCluster that it wants: which objects to see, and which requests to answer.

mod requests;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sluice_core::interception::{Conflict, Owner, Rule};
use sluice_core::registration::Hook;

use crate::mutation::types;

/// All that the components want, as if they were one plugin, which to vCluster they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PluginConfig {
    /// One for each kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    client_hooks: Vec<ClientHook>,
    /// By a name that says whose they are. vCluster sends it along in a header, and nobody here heeds it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    interceptors: BTreeMap<String, Vec<Rule>>,
}

/// vCluster calls as often as it is told of a kind and type: so that is once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ClientHook {
    api_version: String,
    kind: String,
    types: BTreeSet<String>,
}

impl PluginConfig {
    /// Of these hooks and rules, each rule with whose it is. Also gives what vCluster cannot be told: a rule that has
    /// some requests in common with another one, and some not. It does not start with two that overlap.
    pub fn new<'a>(
        hooks: impl IntoIterator<Item = &'a Hook>,
        rules: impl IntoIterator<Item = (Owner, Rule)>,
    ) -> (Self, Vec<Conflict>) {
        let mut kinds = BTreeMap::<_, BTreeSet<_>>::new();
        for Hook { kind, side, operations, .. } in hooks {
            let types = operations.iter().flat_map(|operation| types(*side, *operation));
            kinds.entry((kind.api_version(), kind.kind.clone())).or_default().extend(types);
        }
        let hooks = kinds.into_iter().map(|((api_version, kind), types)| ClientHook { api_version, kind, types });
        let (rules, unsaid) = requests::apart(rules);
        let mut interceptors = BTreeMap::<_, Vec<_>>::new();
        for (owner, rule) in rules {
            interceptors.entry(owner.to_string()).or_default().push(rule);
        }
        (Self { client_hooks: hooks.collect(), interceptors }, unsaid)
    }

    /// Whether vCluster has to be told anything.
    pub fn is_empty(&self) -> bool {
        self.client_hooks.is_empty() && self.interceptors.is_empty()
    }

    /// As vCluster reads it.
    pub(crate) fn to_json(&self) -> String {
        // Only maps whose keys are no texts could fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
