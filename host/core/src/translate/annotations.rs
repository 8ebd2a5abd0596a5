//! Annotations: the virtual object's flow down and are taken back, those of others stay.

use std::collections::BTreeMap;

use super::{Translator, names};
use crate::key::{Gvk, Key};
use crate::markers::{
    HOST_NAME, HOST_NAMESPACE, IMPORTED, MANAGED_ANNOTATIONS, OBJECT_KIND, OBJECT_NAME, OBJECT_NAMESPACE, OBJECT_UID,
    SYSTEM_ANNOTATIONS,
};

pub(crate) type Annotations = BTreeMap<String, String>;

impl Translator {
    /// The physical annotations of a virtual object, without markers. `standing`: what the copy carries now.
    /// Of that, what came down before and is gone from the virtual object goes too; what others put there stays.
    pub(crate) fn annotations_down(&self, annotations: &Annotations, standing: &Annotations) -> Annotations {
        let managed = standing.get(MANAGED_ANNOTATIONS).map(String::as_str).unwrap_or_default();
        let others = standing.iter().filter(|(key, _)| !managed.split('\n').any(|line| line == *key));
        let mut down: Annotations = others.map(|(key, value)| (key.clone(), value.clone())).collect();
        down.extend(annotations.iter().map(|(key, value)| (key.clone(), value.clone())));
        down.retain(|key, _| !SYSTEM_ANNOTATIONS.contains(&key.as_str()));
        down
    }

    /// The virtual annotations of a physical object: all but the markers.
    pub(crate) fn annotations_up(&self, annotations: &Annotations) -> Annotations {
        let mut up = annotations.clone();
        up.retain(|key, _| !SYSTEM_ANNOTATIONS.contains(&key.as_str()));
        up
    }

    /// The marker annotations of the copy of a virtual object.
    pub(crate) fn identity(&self, gvk: &Gvk, key: &Key, uid: &str, annotations: &Annotations) -> Annotations {
        let physical = self.physical_key(key);
        let own = annotations.keys().map(String::as_str).filter(|key| !SYSTEM_ANNOTATIONS.contains(key));
        let managed = own.collect::<Vec<_>>().join("\n");
        [
            (OBJECT_NAME, Some(&*key.name)),
            (OBJECT_NAMESPACE, key.namespace.as_deref()),
            (OBJECT_UID, Some(uid)),
            (OBJECT_KIND, Some(&*names::kind(gvk))),
            (HOST_NAME, Some(&*physical.name)),
            (HOST_NAMESPACE, physical.namespace.as_deref()),
            (MANAGED_ANNOTATIONS, Some(&*managed)),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value.filter(|value| !value.is_empty())?.to_owned())))
        .collect()
    }

    /// The marker annotations of the virtual copy of a physical object.
    pub(crate) fn identity_up(&self, gvk: &Gvk, physical: &Key, uid: &str) -> Annotations {
        [
            (IMPORTED, Some("true")),
            (OBJECT_UID, Some(uid)),
            (OBJECT_KIND, Some(&*names::kind(gvk))),
            (HOST_NAME, Some(&*physical.name)),
            (HOST_NAMESPACE, physical.namespace.as_deref()),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned())))
        .collect()
    }
}
