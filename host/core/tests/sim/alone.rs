//! The clusters of a syncer of what is virtual alone: below stands what wants it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sluice_core::key::{Key, Side};

use crate::cluster::is_deleting;
use crate::stage::Stage;

const MARK: &str = "vcluster.loft.sh/object-syncer";

pub(crate) struct Alone {
    pub(crate) stage: Stage,
    /// What the runtime has no business with: what others made, or made their own.
    strangers: BTreeMap<Key, Value>,
}

impl Alone {
    /// By a reference, or by a watch that selects.
    pub(crate) fn new(watch: bool) -> Self {
        let kind = json!({ "group": "", "version": "v1", "kind": "ConfigMap" });
        let wanted = match watch {
            true => json!([{ "name": "w", "side": "virtual", "kind": kind, "selects": true }]),
            false => json!([{ "kind": kind, "paths": ["/spec/names/*"] }]),
        };
        let by = if watch { "watches" } else { "references" };
        let stage = Stage::new(json!({ "name": "s", "kind": kind, "direction": "virtual", by: wanted }));
        Self { stage, strangers: BTreeMap::new() }
    }

    fn key(key: u8) -> Key {
        Key::namespaced("d", ["x", "y"][usize::from(key)])
    }

    fn wanter(wanter: u8) -> Key {
        Key::namespaced("d", ["p", "q", "r"][usize::from(wanter)])
    }

    /// Something that wants these is made, or changed.
    pub(crate) fn want(&mut self, wanter: u8, names: &[bool]) {
        let key = Self::wanter(wanter);
        // What is in no namespace is none of the syncer's.
        let names: Vec<_> = ["x", "y", "/z"].iter().zip(names).filter(|(_, is)| **is).map(|(name, _)| *name).collect();
        let new = json!({ "metadata": { "name": &*key.name, "namespace": "d" } });
        let mut object = self.stage.physical.get(&key).cloned().unwrap_or(new);
        object["spec"] = json!({ "names": names });
        self.stage.physical.put(&key, object);
    }

    pub(crate) fn unwant(&mut self, wanter: u8) {
        self.stage.physical.delete(&Self::wanter(wanter));
    }

    /// Everything that wants is changed, so that the plugin is asked about it.
    pub(crate) fn touch(&mut self) {
        self.stage.asked.mute = false;
        let keys: Vec<_> = self.stage.physical.all().map(|(key, _)| key.clone()).collect();
        keys.iter().for_each(|key| self.stage.physical.change(key, |_| {}));
    }

    /// A tenant changes what the runtime made, its status too.
    pub(crate) fn drift(&mut self, key: u8, data: u8) {
        let (key, data) = (Self::key(key), data.to_string());
        self.change_own(&key, |object| {
            object["data"] = json!({ "drift": data });
            object["status"] = json!({ "drift": data });
        });
    }

    /// A tenant takes the mark off what the runtime made: it is the tenant's from here on.
    pub(crate) fn unmark(&mut self, key: u8) {
        let key = Self::key(key);
        self.change_own(&key, |object| object["metadata"]["annotations"] = json!({ "mine": "yes" }));
        self.remember(key);
    }

    /// A tenant says that what it made is the runtime's.
    pub(crate) fn mark(&mut self, key: u8) {
        let key = Self::key(key);
        if self.strangers.remove(&key).is_some() {
            self.stage.virtual_.change(&key, |object| object["metadata"]["annotations"] = json!({ MARK: "p/s" }));
        }
    }

    fn change_own(&mut self, key: &Key, change: impl FnOnce(&mut Value)) {
        if self.stage.virtual_.get(key).is_some_and(is_own) {
            self.stage.virtual_.change(key, change);
        }
    }

    /// A tenant deletes what stands there, be it the runtime's or its own.
    pub(crate) fn delete(&mut self, key: u8) {
        self.strangers.remove(&Self::key(key));
        self.stage.virtual_.delete(&Self::key(key));
    }

    /// A tenant makes one itself, if there is none.
    pub(crate) fn occupy(&mut self, key: u8) {
        let key = Self::key(key);
        if self.stage.virtual_.get(&key).is_none() {
            let metadata = json!({ "name": &*key.name, "namespace": "d" });
            self.stage.virtual_.put(&key, json!({ "metadata": metadata, "data": { "mine": "1" } }));
            self.remember(key);
        }
    }

    fn remember(&mut self, key: Key) {
        let other = self.stage.virtual_.get(&key).filter(|object| !is_own(object) && !is_deleting(object));
        self.strangers.extend(other.cloned().map(|object| (key, object)));
    }

    /// A controller sets its finalizers.
    pub(crate) fn hold(&mut self, side: Side, at: u8, names: &[&str]) {
        match side {
            Side::Physical => self.stage.physical.hold(&Self::wanter(at), "p/", names),
            Side::Virtual if self.strangers.contains_key(&Self::key(at % 2)) => {}
            Side::Virtual => self.stage.virtual_.hold(&Self::key(at % 2), "v/", names),
        }
    }

    /// Where the virtual cluster does not hold what is wanted, and nothing else of the runtime's.
    pub(crate) fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let Stage { virtual_: above, physical: below, .. } = &self.stage;
        let names = below.all().flat_map(|(_, wanter)| wanter["spec"]["names"].as_array().into_iter().flatten());
        let wanted: BTreeSet<_> = names.filter_map(Value::as_str).collect();
        for key in [Self::key(0), Self::key(1)] {
            let wants = wanted.contains(&*key.name);
            match above.get(&key) {
                None if wants => wrong.push(format!("{key} is wanted and not there")),
                Some(object) if is_own(object) && !is_deleting(object) => {
                    if !wants {
                        wrong.push(format!("nothing wants {key}"));
                    }
                    let content = json!([object["data"], object["status"], object["metadata"]["name"]]);
                    if wants && content != json!([{ "k": &*key.name }, { "ready": "yes" }, &*key.name]) {
                        wrong.push(format!("{key} is not as the plugin says: {object}"));
                    }
                }
                _ => {}
            }
        }
        let touched = self.strangers.iter().filter(|(key, stranger)| above.get(key) != Some(stranger));
        wrong.extend(touched.map(|(key, _)| format!("{key} was touched, which is not the runtime's")));
        wrong.extend(above.all().filter(|(key, _)| key.namespace.is_none()).map(|(key, _)| format!("{key} was made")));
        wrong
    }
}

fn is_own(object: &Value) -> bool {
    object["metadata"]["annotations"][MARK] == "p/s"
}
