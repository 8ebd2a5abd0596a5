//! Which objects are named by others: a syncer may take those alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::key::{Gvk, Key};
use crate::object::Object;
use crate::watch::WatchEvent;

/// Virtual objects of one kind name, at these places, objects of their own namespace or, of a kind that is in none, any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// The kind of what names.
    pub kind: Gvk,
    /// Where the names stand: JSON pointers, with `*` for every element of a list or map: `/spec/tls/*/secretName`.
    pub paths: Vec<String>,
}

/// Who names whom, for one syncer.
#[derive(Debug, Default)]
pub struct References {
    /// What names, by its place among what names (references first, then watches), and what it names.
    named: BTreeMap<(usize, Key), BTreeSet<Key>>,
    /// How many name it.
    count: BTreeMap<Key, usize>,
}

impl References {
    /// Whether somebody names it.
    pub fn contain(&self, key: &Key) -> bool {
        self.count.contains_key(key)
    }

    /// Takes in what the watch of the syncer's reference `at` says. Returns the keys that are named, or no more, by it.
    /// `namespaced`: whether what is named is in namespaces.
    pub fn observe(&mut self, at: usize, reference: &Reference, namespaced: bool, event: &WatchEvent) -> BTreeSet<Key> {
        let mut concerned = BTreeSet::new();
        let names = |object: &Object| reference.names(object, namespaced);
        match event {
            WatchEvent::Applied(object) => self.set(at, object.key.clone(), names(object), &mut concerned),
            WatchEvent::Deleted(object) => self.set(at, object.key.clone(), BTreeSet::new(), &mut concerned),
            WatchEvent::Reset { namespace, objects } => {
                let live: BTreeSet<&Key> = objects.iter().map(|object| &object.key).collect();
                let watched = |key: &Key| namespace.is_none() || key.namespace == *namespace;
                let known = self.named.keys().filter(|(of, key)| *of == at && watched(key) && !live.contains(key));
                for (_, gone) in known.cloned().collect::<Vec<_>>() {
                    self.set(at, gone, BTreeSet::new(), &mut concerned);
                }
                for object in objects {
                    self.set(at, object.key.clone(), names(object), &mut concerned);
                }
            }
        }
        concerned
    }

    /// What the object `by` names from now on.
    pub fn set(&mut self, at: usize, by: Key, names: BTreeSet<Key>, concerned: &mut BTreeSet<Key>) {
        let before =
            if names.is_empty() { self.named.remove(&(at, by)) } else { self.named.insert((at, by), names.clone()) };
        let before = before.unwrap_or_default();
        for key in before.difference(&names) {
            concerned.insert(key.clone());
            if let Some(count) = self.count.get_mut(key) {
                *count -= 1;
                if *count == 0 {
                    self.count.remove(key);
                }
            }
        }
        for key in names.difference(&before) {
            concerned.insert(key.clone());
            *self.count.entry(key.clone()).or_default() += 1;
        }
    }
}

impl Reference {
    /// What an object names. One that is being deleted still does: its own cleaning up may need it.
    fn names(&self, object: &Object, namespaced: bool) -> BTreeSet<Key> {
        let Ok(value) = serde_json::from_str::<Value>(&object.json) else { return BTreeSet::new() };
        let found = self.paths.iter().flat_map(|path| find(&value, path));
        let names = found.filter_map(Value::as_str).filter(|name| !name.is_empty());
        let namespace = object.key.namespace.as_ref().filter(|_| namespaced);
        names.map(|name| Key { namespace: namespace.cloned(), name: name.into() }).collect()
    }
}

/// Every value at a path.
fn find<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    path.split('/').skip(1).fold(vec![value], |found, token| {
        let token = token.replace("~1", "/").replace("~0", "~");
        let step = |value: &'v Value| -> Vec<&'v Value> {
            match value {
                Value::Array(list) if token == "*" => list.iter().collect(),
                Value::Object(map) if token == "*" => map.values().collect(),
                Value::Array(list) => token.parse().ok().and_then(|index: usize| list.get(index)).into_iter().collect(),
                Value::Object(map) => map.get(&token).into_iter().collect(),
                _ => vec![],
            }
        };
        found.into_iter().flat_map(step).collect()
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;

    fn ingress(name: &str, secrets: &[&str]) -> Arc<Object> {
        let tls: Vec<_> = secrets.iter().map(|secret| json!({ "secretName": secret })).collect();
        let object = json!({ "metadata": { "name": name, "namespace": "d" }, "spec": { "tls": tls } });
        Arc::new(Object::parse(&Gvk::new("networking.k8s.io", "v1", "Ingress"), &object.to_string()).unwrap())
    }

    #[test]
    fn a_name_counts_as_long_as_somebody_says_it() {
        let reference = Reference {
            kind: Gvk::new("networking.k8s.io", "v1", "Ingress"),
            paths: vec!["/spec/tls/*/secretName".into()],
        };
        let mut references = References::default();
        let mut see = |event: WatchEvent| -> (Vec<String>, Vec<bool>) {
            let concerned = references.observe(0, &reference, true, &event);
            let named = ["s", "t"].map(|name| references.contain(&Key::namespaced("d", name)));
            (concerned.iter().map(ToString::to_string).collect(), named.to_vec())
        };
        let keys = |keys: &[&str]| keys.iter().map(|key| format!("d/{key}")).collect::<Vec<_>>();
        assert_eq!(see(WatchEvent::Applied(ingress("a", &["s", "t"]))), (keys(&["s", "t"]), vec![true, true]));
        assert_eq!(see(WatchEvent::Applied(ingress("b", &["s", "s"]))), (keys(&["s"]), vec![true, true]));
        assert_eq!(see(WatchEvent::Applied(ingress("a", &["s"]))), (keys(&["t"]), vec![true, false]));
        assert_eq!(see(WatchEvent::Deleted(ingress("b", &["s"]))), (keys(&["s"]), vec![true, false]));
        let none = WatchEvent::Reset { namespace: None, objects: vec![] };
        assert_eq!(see(none), (keys(&["s"]), vec![false, false]));
    }
}
