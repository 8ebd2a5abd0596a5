//! An API server as far as the runtime can tell: versions, preconditions, and a watch that lags.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use sluice_core::key::{Gvk, Key};
use sluice_core::object::Object;
use sluice_core::patch::merge;
use sluice_core::watch::WatchEvent;
use sluice_core::write::{Read, Write, WriteError, Written};

/// One kind of one cluster.
pub(crate) struct Cluster {
    gvk: Gvk,
    objects: BTreeMap<Key, Value>,
    version: u64,
    /// What the watch has not delivered yet.
    pending: std::collections::VecDeque<WatchEvent>,
}

impl Cluster {
    pub(crate) fn new(gvk: Gvk) -> Self {
        Self { gvk, objects: BTreeMap::new(), version: 0, pending: Default::default() }
    }

    pub(crate) fn get(&self, key: &Key) -> Option<&Value> {
        self.objects.get(key)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (&Key, &Value)> {
        self.objects.iter()
    }

    /// Makes or replaces an object as a user would. A new one gets a uid.
    pub(crate) fn put(&mut self, key: &Key, mut object: Value) -> Arc<Object> {
        self.version += 1;
        let uid = self
            .objects
            .get(key)
            .map_or_else(|| json!(format!("u{}", self.version)), |old| old["metadata"]["uid"].clone());
        object["metadata"]["uid"] = uid;
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        let shown = self.show(&object);
        self.objects.insert(key.clone(), object);
        self.pending.push_back(WatchEvent::Applied(Arc::clone(&shown)));
        shown
    }

    pub(crate) fn delete(&mut self, key: &Key) {
        if let Some(object) = self.objects.remove(key) {
            self.version += 1;
            let shown = self.show(&object);
            self.pending.push_back(WatchEvent::Deleted(shown));
        }
    }

    /// The next event of the watch.
    pub(crate) fn deliver(&mut self) -> Option<WatchEvent> {
        self.pending.pop_front()
    }

    /// The watch starts anew: what it had not delivered is lost.
    pub(crate) fn relist(&mut self) -> WatchEvent {
        self.pending.clear();
        WatchEvent::Reset { namespace: None, objects: self.objects.values().map(|object| self.show(object)).collect() }
    }

    /// As an API server does it.
    pub(crate) fn write(&mut self, write: &Write) -> Result<Written, WriteError> {
        let key = &write.target().key;
        match write {
            Write::Create { .. } if self.objects.contains_key(key) => Err(WriteError::Exists),
            Write::Create { body, .. } => Ok(Written::Stored(self.put(key, body.clone()))),
            Write::Patch { read, patch, .. } => {
                let mut object =
                    self.objects.get(key).filter(|object| current(object, read)).ok_or(WriteError::Stale)?.clone();
                merge(&mut object, patch.clone());
                Ok(Written::Stored(self.put(key, object)))
            }
            Write::Apply { .. } => panic!("no syncer applies here"),
            Write::Delete { read, .. } => match self.objects.get(key) {
                None => Ok(Written::Deleted),
                Some(object) if !current(object, read) => Err(WriteError::Stale),
                Some(_) => {
                    self.delete(key);
                    Ok(Written::Deleted)
                }
            },
        }
    }

    fn show(&self, object: &Value) -> Arc<Object> {
        Arc::new(Object::parse(&self.gvk, &object.to_string()).expect("a stored object"))
    }
}

fn current(object: &Value, read: &Read) -> bool {
    object["metadata"]["uid"] == *read.uid && object["metadata"]["resourceVersion"] == read.version.as_str()
}
