//! An API server as far as the runtime can tell: versions, preconditions, finalizers, and a watch that lags.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use sluice_core::key::{Gvk, Key};
use sluice_core::object::Object;
use sluice_core::patch::{merge, set};
use sluice_core::watch::WatchEvent;
use sluice_core::write::{Read, Write, WriteError, Written};

/// One kind of one cluster.
pub(crate) struct Cluster {
    gvk: Gvk,
    objects: BTreeMap<Key, Value>,
    version: u64,
    /// What the watch has not delivered yet.
    pending: std::collections::VecDeque<WatchEvent>,
    /// What a webhook takes out of what is written, and of how many writes.
    strips: (&'static str, u32),
}

impl Cluster {
    pub(crate) fn new(gvk: Gvk) -> Self {
        Self { gvk, objects: BTreeMap::new(), version: 0, pending: Default::default(), strips: ("", 0) }
    }

    pub(crate) fn get(&self, key: &Key) -> Option<&Value> {
        self.objects.get(key)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (&Key, &Value)> {
        self.objects.iter()
    }

    /// From here on a webhook takes this out of so many writes.
    pub(crate) fn strip(&mut self, pointer: &'static str, writes: u32) {
        self.strips = (pointer, writes);
    }

    /// Makes or replaces an object as a user would. A new one gets a uid. What is being deleted and held by no
    /// finalizer is gone.
    pub(crate) fn put(&mut self, key: &Key, mut object: Value) -> Arc<Object> {
        self.version += 1;
        let old = self.objects.get(key);
        object["metadata"]["uid"] =
            old.map_or_else(|| json!(format!("u{}", self.version)), |old| old["metadata"]["uid"].clone());
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        let shown = self.show(&object);
        if shown.deleting && finalizers(&object).is_empty() {
            self.objects.remove(key);
            self.pending.push_back(WatchEvent::Deleted(Arc::clone(&shown)));
        } else {
            self.objects.insert(key.clone(), object);
            self.pending.push_back(WatchEvent::Applied(Arc::clone(&shown)));
        }
        shown
    }

    /// Changes an object, if it is there, as a user would.
    pub(crate) fn change(&mut self, key: &Key, change: impl FnOnce(&mut Value)) {
        if let Some(mut object) = self.objects.get(key).cloned() {
            change(&mut object);
            self.put(key, object);
        }
    }

    pub(crate) fn delete(&mut self, key: &Key) {
        if self.objects.get(key).is_some_and(|object| !is_deleting(object)) {
            self.change(key, |object| object["metadata"]["deletionTimestamp"] = json!("t"));
        }
    }

    /// A controller sets its finalizers, those that begin with its prefix. To what is being deleted none is added.
    pub(crate) fn hold(&mut self, key: &Key, prefix: &str, names: &[&str]) {
        self.change(key, |object| {
            let (before, deleting) = (finalizers(object), is_deleting(object));
            let mut after = before.clone();
            after.retain(|name| !name.starts_with(prefix));
            let own = names.iter().map(|name| format!("{prefix}{name}"));
            after.extend(own.filter(|name| !deleting || before.contains(name)));
            object["metadata"]["finalizers"] = json!(after);
        });
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
        let standing = self.objects.get(key);
        match write {
            Write::Create { .. } if standing.is_some() => Err(WriteError::Exists),
            Write::Create { body, .. } => Ok(Written::Stored(self.admit(key, body.clone()))),
            Write::Patch { read, patch, .. } => {
                let before = standing.filter(|object| current(object, read)).ok_or(WriteError::Stale)?;
                let mut after = before.clone();
                merge(&mut after, patch.clone());
                let held = finalizers(before);
                let added = finalizers(&after).into_iter().any(|name| !held.contains(&name));
                assert!(!added || !is_deleting(before), "a finalizer for what is being deleted: {before} {patch}");
                Ok(Written::Stored(self.admit(key, after)))
            }
            Write::Apply { .. } => panic!("no syncer applies here"),
            Write::Delete { read, .. } => match standing {
                None => Ok(Written::Deleted),
                Some(object) if !current(object, read) => Err(WriteError::Stale),
                Some(_) => {
                    self.delete(key);
                    Ok(Written::Deleted)
                }
            },
        }
    }

    /// What is written passes the webhook, which leaves a trace, so that every write is a change.
    fn admit(&mut self, key: &Key, mut object: Value) -> Arc<Object> {
        let (pointer, writes) = &mut self.strips;
        if *writes > 0 {
            set(&mut object, pointer, None);
            *writes -= 1;
            object["metadata"]["annotations"]["webhook/left"] = json!(writes.to_string());
        }
        self.put(key, object)
    }

    fn show(&self, object: &Value) -> Arc<Object> {
        Arc::new(Object::parse(&self.gvk, &object.to_string()).expect("a stored object"))
    }
}

pub(crate) fn finalizers(object: &Value) -> Vec<String> {
    let all = object["metadata"]["finalizers"].as_array().into_iter().flatten();
    all.filter_map(Value::as_str).map(Into::into).collect()
}

pub(crate) fn is_deleting(object: &Value) -> bool {
    object["metadata"].get("deletionTimestamp").is_some()
}

fn current(object: &Value, read: &Read) -> bool {
    object["metadata"]["uid"] == *read.uid && object["metadata"]["resourceVersion"] == read.version.as_str()
}
