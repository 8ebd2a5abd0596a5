//! The clusters of a syncer that copies down.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sluice_core::key::{Key, Side};

use crate::cluster::{finalizers, is_deleting};
use crate::stage::Stage;

const UID: &str = "vcluster.loft.sh/object-uid";
const SYNCED: &str = "vcluster.loft.sh/synced-finalizers";

pub(crate) struct Down {
    pub(crate) stage: Stage,
    strangers: BTreeMap<Key, Value>,
}

impl Down {
    pub(crate) fn new(finalizers: bool) -> Self {
        let kind = json!({ "group": "", "version": "v1", "kind": "ConfigMap" });
        let stage = Stage::new(json!({ "name": "s", "kind": kind, "finalizers": finalizers }));
        Self { stage, strangers: BTreeMap::new() }
    }

    fn key(key: u8) -> Key {
        // The first two want one place.
        [Key::namespaced("c", "a-x-b"), Key::namespaced("b-x-c", "a"), Key::namespaced("d", "e")][usize::from(key)]
            .clone()
    }

    fn place(&self, key: u8) -> Key {
        self.stage.syncer.translator.physical_key(&Self::key(key))
    }

    /// A user makes a virtual object, or changes its content.
    pub(crate) fn set(&mut self, key: u8, data: u8) {
        let key = Self::key(key);
        let metadata = json!({ "name": &*key.name, "namespace": key.namespace.as_deref() });
        let new = json!({ "kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata });
        let mut object = self.stage.virtual_.get(&key).cloned().unwrap_or(new);
        let mut annotations = object["metadata"]["annotations"].as_object().cloned().unwrap_or_default();
        annotations.retain(|key, _| key == SYNCED);
        annotations.insert(format!("a{data}"), json!("x"));
        object["metadata"]["annotations"] = json!(annotations);
        object["data"] = json!({ "k": data.to_string() });
        self.stage.virtual_.put(&key, object);
    }

    pub(crate) fn delete(&mut self, key: u8) {
        self.stage.virtual_.delete(&Self::key(key));
    }

    pub(crate) fn drift(&mut self, key: u8, data: u8) {
        self.change_copy(key, |copy| copy["data"] = json!({ "drift": data.to_string() }));
    }

    pub(crate) fn unmark(&mut self, key: u8) {
        // Of an orphan nothing would be left that says whose it was.
        if self.stage.virtual_.get(&Self::key(key)).is_some() {
            self.change_copy(key, |copy| {
                // Without this one a finalizer that came down would be its own, and hold both for ever.
                let synced = copy["metadata"]["annotations"].get(SYNCED).cloned();
                copy["metadata"]["annotations"] = synced.map_or(Value::Null, |synced| json!({ SYNCED: synced }));
            });
        }
    }

    fn change_copy(&mut self, key: u8, change: impl FnOnce(&mut Value)) {
        let place = self.place(key);
        if self.stage.physical.get(&place).is_some_and(|copy| !is_foreign(copy)) {
            self.stage.physical.change(&place, change);
        }
    }

    pub(crate) fn delete_copy(&mut self, key: u8) {
        let place = self.place(key);
        if self.stage.physical.get(&place).is_some_and(|copy| !is_foreign(copy)) {
            self.stage.physical.delete(&place);
        }
    }

    pub(crate) fn occupy(&mut self, key: u8) {
        let place = self.place(key);
        if self.stage.physical.get(&place).is_none() {
            let metadata = json!({ "name": &*place.name, "namespace": place.namespace.as_deref() });
            let stranger = json!({ "metadata": metadata, "data": { "foreign": "1" } });
            self.stage.physical.put(&place, stranger);
            self.strangers.extend(self.stage.physical.get(&place).cloned().map(|stranger| (place, stranger)));
        }
    }

    pub(crate) fn vacate(&mut self, key: u8) {
        let place = self.place(key);
        if self.strangers.remove(&place).is_some() {
            self.stage.physical.delete(&place);
        }
    }

    /// A controller of one side sets its finalizers.
    pub(crate) fn hold(&mut self, side: Side, key: u8, names: &[&str]) {
        match side {
            Side::Virtual => self.stage.virtual_.hold(&Self::key(key), "v/", names),
            Side::Physical if self.strangers.contains_key(&self.place(key)) => {}
            Side::Physical => self.stage.physical.hold(&self.place(key), "p/", names),
        }
    }

    /// Every controller is done with everything, and every user with every object.
    pub(crate) fn let_go(&mut self) {
        for key in 0..3 {
            Side::BOTH.iter().for_each(|&side| self.hold(side, key, &[]));
            self.delete(key);
        }
    }

    /// Where the physical cluster is not what the virtual one makes of it.
    pub(crate) fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let Stage { virtual_: above, physical: below, syncer, .. } = &self.stage;
        for (key, virtual_) in above.all() {
            let place = syncer.translator.physical_key(key);
            let rivals = above.all().filter(|(other, _)| syncer.translator.physical_key(other) == place).count();
            match below.get(&place) {
                None if is_deleting(virtual_) => {}
                None => wrong.push(format!("{key} has no copy")),
                Some(copy) if is_foreign(copy) || is_deleting(copy) => {}
                // Its own copy, unmarked, would have been put right; that of a rival that went says no more whose it was.
                Some(copy) if uid(copy).is_null() && rivals_namespace(copy, key) => {}
                Some(copy) => {
                    let mine = *uid(copy) == virtual_["metadata"]["uid"];
                    if !mine && rivals == 1 {
                        wrong.push(format!("{key} has the copy of another"));
                    }
                    if mine && is_deleting(virtual_) {
                        wrong.push(format!("{key} is being deleted and its copy is not"));
                    }
                    if mine && copy["data"] != virtual_["data"] {
                        wrong.push(format!("{key} has a copy of other content"));
                    }
                    if mine && notes(copy) != notes(virtual_) {
                        wrong.push(format!("{key} has a copy with other annotations"));
                    }
                }
            }
        }
        for (place, copy) in below.all().filter(|(_, copy)| !is_foreign(copy) && !is_deleting(copy)) {
            // One that was unmarked as its virtual object went says no more whose it was.
            if !uid(copy).is_null() && !above.all().any(|(_, virtual_)| virtual_["metadata"]["uid"] == *uid(copy)) {
                wrong.push(format!("{place} is nobody's copy"));
            }
        }
        let touched = self.strangers.iter().filter(|(place, stranger)| below.get(place) != Some(stranger));
        wrong.extend(touched.map(|(place, _)| format!("the stranger at {place} was touched")));
        wrong.extend(self.wrongly_held());
        wrong
    }

    /// What is held by a finalizer whose owner let go, or not by one whose owner did not.
    fn wrongly_held(&self) -> Vec<String> {
        let Stage { virtual_: above, physical: below, syncer, .. } = &self.stage;
        let own = |object: Option<&Value>, prefix: &str| -> Vec<String> {
            let all = object.map(finalizers).unwrap_or_default();
            all.into_iter().filter(|name| name.starts_with(prefix)).collect()
        };
        let mut wrong = Vec::new();
        let mut left: BTreeMap<&Key, &Value> = below.all().filter(|(_, copy)| !is_foreign(copy)).collect();
        for (key, virtual_) in above.all() {
            let place = syncer.translator.physical_key(key);
            let copy = left.get(&place).copied().filter(|copy| !rivals_namespace(copy, key));
            copy.and_then(|_| left.remove(&place));
            let both = copy.is_some_and(|copy| !is_deleting(copy)) && !is_deleting(virtual_);
            let comes_back = copy.filter(|copy| is_deleting(copy) && !is_deleting(virtual_));
            if syncer.registered.finalizers && !own(comes_back, "v/").is_empty() {
                wrong.push(format!("{key} stays and holds a copy that is to come back"));
            }
            for (half, other, prefix) in [(Some(virtual_), copy, "p/"), (copy, Some(virtual_), "v/")] {
                let (held, owned) = (own(half, prefix), own(other, prefix));
                let let_go = held.iter().any(|name| !owned.contains(name));
                let lost = both && syncer.registered.finalizers && held.len() < owned.len();
                if let_go || lost {
                    wrong.push(format!("{key}: {prefix} holds by {held:?}, its owner by {owned:?}"));
                }
            }
        }
        // Of what was unmarked nothing says any more who held it.
        let left = left.into_values().filter(|copy| !uid(copy).is_null() && !own(Some(copy), "v/").is_empty());
        wrong.extend(left.map(|copy| format!("{copy} is held for what is gone")));
        wrong
    }
}

fn is_foreign(object: &Value) -> bool {
    object["data"].get("foreign").is_some()
}

fn uid(copy: &Value) -> &Value {
    &copy["metadata"]["annotations"][UID]
}

/// What is not the runtime's.
fn notes(object: &Value) -> Vec<(String, Value)> {
    let all = object["metadata"]["annotations"].as_object().cloned().unwrap_or_default();
    all.into_iter().filter(|(key, _)| !key.starts_with("vcluster")).collect()
}

fn rivals_namespace(copy: &Value, key: &Key) -> bool {
    copy["metadata"]["labels"]["vcluster.loft.sh/namespace"].as_str() != key.namespace.as_deref()
}
