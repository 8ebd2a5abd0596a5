//! Labels and selectors. Only four keys are rewritten, those that would clash with the markers or with Helm's.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Translator, names};
use crate::markers::{CONTROLLED_BY, MANAGED_BY, NAMESPACE};

/// The keys that are rewritten.
const REWRITTEN: [&str; 4] = ["release", NAMESPACE, MANAGED_BY, CONTROLLED_BY];
/// What the labels begin with that vCluster copies from a Pod's virtual namespace.
const NAMESPACE_LABEL: &str = "vcluster.loft.sh/ns-label";

pub(crate) type Labels = BTreeMap<String, String>;

impl Translator {
    /// The physical labels of a virtual object in `namespace` (none: cluster-scoped).
    /// `standing`: what the copy carries now, of which the ignore label is kept.
    pub(crate) fn labels_down(&self, labels: &Labels, namespace: Option<&str>, standing: &Labels) -> Labels {
        let mut down = self.label_map_down(labels);
        down.insert(MANAGED_BY.into(), self.mark(namespace.is_some()));
        if let Some(namespace) = namespace {
            down.insert(NAMESPACE.into(), namespace.into());
        }
        if let Some(by) = standing.get(CONTROLLED_BY) {
            down.insert(CONTROLLED_BY.into(), by.clone());
        }
        down
    }

    /// The virtual labels of a physical object. `standing`: the virtual object's own, whose rewritten keys win.
    pub(crate) fn labels_up(&self, labels: &Labels, standing: &Labels) -> Labels {
        let mut up = Labels::new();
        for (key, value) in labels {
            if [MANAGED_BY, NAMESPACE, CONTROLLED_BY].contains(&key.as_str()) || key.starts_with(NAMESPACE_LABEL) {
                continue;
            }
            up.entry(self.key_up(key).into()).or_insert_with(|| value.clone());
        }
        for key in REWRITTEN {
            if let Some(value) = standing.get(key) {
                up.insert(key.into(), value.clone());
            }
        }
        up
    }

    /// A plain map of labels, such as a Service's selector, without markers.
    pub fn label_map_down(&self, labels: &Labels) -> Labels {
        let hashed = REWRITTEN.map(|key| self.key_down(key));
        // A virtual key that is already a rewritten one would come back under another name.
        let ours = labels.iter().filter(|(key, _)| !hashed.contains(*key));
        ours.map(|(key, value)| (self.key_down(key), value.clone())).collect()
    }

    /// A LabelSelector with its keys rewritten; what else it holds is left alone.
    pub fn selector_down(&self, selector: Value) -> Value {
        rename(selector, |key| self.key_down(key))
    }

    /// The inverse of [`Self::selector_down`].
    pub fn selector_up(&self, selector: Value) -> Value {
        rename(selector, |key| self.key_up(key).into())
    }

    fn key_down(&self, key: &str) -> String {
        if REWRITTEN.contains(&key) { self.rewritten(key) } else { key.into() }
    }

    fn key_up<'a>(&self, key: &'a str) -> &'a str {
        REWRITTEN.into_iter().find(|original| self.rewritten(original) == key).unwrap_or(key)
    }

    fn rewritten(&self, key: &str) -> String {
        names::concat(&["vcluster.loft.sh/label", &self.name, "x", &names::hash10(key)])
    }
}

/// Renames the keys of matchLabels and matchExpressions.
fn rename(mut selector: Value, name: impl Fn(&str) -> String) -> Value {
    if let Some(labels) = selector.get_mut("matchLabels").and_then(Value::as_object_mut) {
        *labels = std::mem::take(labels).into_iter().map(|(key, value)| (name(&key), value)).collect::<Map<_, _>>();
    }
    for expression in selector.get_mut("matchExpressions").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(Value::String(key)) = expression.get_mut("key") {
            *key = name(key);
        }
    }
    selector
}
