//! The metadata of an object, as far as translation reads and makes it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Translator;
use super::annotations::Annotations;
use super::labels::Labels;
use crate::key::{Gvk, Key};
use crate::markers::{CONTROLLED_BY, MANAGED_BY, NAMESPACE, SYNCED_FINALIZERS, SYNCER, SYSTEM_ANNOTATIONS};

/// An object's metadata. What has no field of its own here is kept as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// metadata.name.
    #[serde(default)]
    pub name: String,
    /// metadata.namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// metadata.uid.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub uid: String,
    /// metadata.labels.
    #[serde(default, skip_serializing_if = "Labels::is_empty", deserialize_with = "or_null")]
    pub labels: Labels,
    /// metadata.annotations.
    #[serde(default, skip_serializing_if = "Annotations::is_empty", deserialize_with = "or_null")]
    pub annotations: Annotations,
    /// metadata.ownerReferences, as they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "or_null")]
    pub owner_references: Vec<Value>,
    /// All else.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Go writes an empty map or list as null at times.
fn or_null<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

impl Metadata {
    /// Of an object's JSON.
    pub fn of(json: &str) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Object {
            metadata: Metadata,
        }
        Ok(serde_json::from_str::<Object>(json)?.metadata)
    }

    /// Namespace and name.
    pub fn key(&self) -> Key {
        Key { namespace: self.namespace.as_deref().map(Into::into), name: self.name.as_str().into() }
    }
}

impl Translator {
    /// The metadata of the copy of a virtual object; with `physical`, of an update of what stands there.
    pub fn metadata_down(&self, gvk: &Gvk, virtual_: &Metadata, physical: Option<&Metadata>) -> Metadata {
        let nothing = Metadata::default();
        let standing = physical.unwrap_or(&nothing);
        let translated = Metadata {
            labels: self.labels_down(&virtual_.labels, virtual_.namespace.as_deref(), &standing.labels),
            annotations: self.annotations_down(&virtual_.annotations, &standing.annotations),
            ..Metadata::default()
        };
        self.stamp(gvk, virtual_, physical, translated)
    }

    /// The metadata of the virtual form of a physical object; with `virtual_`, of an update of it.
    /// A new one has the name that the markers say, or the physical one.
    pub fn metadata_up(&self, gvk: &Gvk, physical: &Metadata, virtual_: Option<&Metadata>) -> Metadata {
        let nothing = Metadata::default();
        let standing = virtual_.unwrap_or(&nothing);
        let labels = self.labels_up(&physical.labels, &standing.labels);
        let mut annotations = self.annotations_up(&physical.annotations);
        let system = standing.annotations.iter().filter(|(key, _)| SYSTEM_ANNOTATIONS.contains(&key.as_str()));
        annotations.extend(system.map(|(key, value)| (key.clone(), value.clone())));
        match virtual_ {
            Some(virtual_) => Metadata { labels, annotations, ..virtual_.clone() },
            None => {
                let key = self.marked_key(gvk, physical).unwrap_or_else(|| physical.key());
                let namespace = key.namespace.as_deref().map(Into::into);
                Metadata { name: key.name.as_ref().into(), namespace, labels, annotations, ..Metadata::default() }
            }
        }
    }

    /// What a plugin made of the metadata of a copy, with everything that says what it is put right:
    /// name, namespace, markers, owner reference. Of a new copy nothing but labels and annotations is the plugin's;
    /// of one that stands, all else stays as it is.
    pub fn stamp(&self, gvk: &Gvk, virtual_: &Metadata, physical: Option<&Metadata>, made: Metadata) -> Metadata {
        let key = virtual_.key();
        let place = self.physical_key(&key);
        let namespaced = key.namespace.is_some();

        let mut labels = made.labels;
        labels.retain(|label, _| ![MANAGED_BY, NAMESPACE, CONTROLLED_BY].contains(&label.as_str()));
        let standing = physical.map(|physical| &physical.labels);
        labels.extend(self.labels_down(&Labels::new(), key.namespace.as_deref(), standing.unwrap_or(&Labels::new())));

        let mut annotations = made.annotations;
        annotations.retain(|annotation, _| !SYSTEM_ANNOTATIONS.contains(&annotation.as_str()));
        annotations.extend(kept(physical));
        annotations.extend(self.identity(gvk, &key, &virtual_.uid, &virtual_.annotations));

        let mut owner_references = physical.map(|physical| physical.owner_references.clone()).unwrap_or_default();
        if let Some(owner) = self.owner.as_ref().filter(|_| namespaced)
            && !owner_references.iter().any(|reference| reference["uid"] == owner.uid.as_str())
        {
            let controller = virtual_.owner_references.iter().any(|reference| reference["controller"] == true);
            owner_references.push(json!({
                "apiVersion": "v1", "kind": "Service", "name": self.name, "uid": owner.uid, "controller": controller,
            }));
        }
        Metadata {
            name: place.name.as_ref().into(),
            namespace: place.namespace.as_deref().map(Into::into),
            uid: physical.map(|physical| physical.uid.clone()).unwrap_or_default(),
            labels,
            annotations,
            owner_references,
            rest: physical.map(|physical| physical.rest.clone()).unwrap_or_default(),
        }
    }

    /// What a plugin made of the metadata of a virtual copy, with everything that says what it is put right: `place`,
    /// its key, and the markers. Of a new copy nothing but labels and annotations is the plugin's; of one that stands,
    /// all else stays as it is.
    pub fn stamp_up(
        &self,
        gvk: &Gvk,
        physical: &Metadata,
        place: &Key,
        virtual_: Option<&Metadata>,
        made: Metadata,
    ) -> Metadata {
        let mut labels = made.labels;
        labels.retain(|label, _| ![MANAGED_BY, NAMESPACE, CONTROLLED_BY].contains(&label.as_str()));
        let ignored = virtual_.and_then(|standing| standing.labels.get(CONTROLLED_BY));
        labels.extend(ignored.map(|by| (CONTROLLED_BY.to_owned(), by.clone())));
        let mut annotations = made.annotations;
        annotations.retain(|annotation, _| !SYSTEM_ANNOTATIONS.contains(&annotation.as_str()));
        annotations.extend(kept(virtual_));
        annotations.extend(self.identity_up(gvk, &physical.key(), &physical.uid));
        let standing = virtual_.cloned().unwrap_or_default();
        Metadata {
            name: place.name.as_ref().into(),
            namespace: place.namespace.as_deref().map(Into::into),
            labels,
            annotations,
            ..standing
        }
    }

    /// The virtual key that the annotations of a physical object say, if they are ours.
    fn marked_key(&self, gvk: &Gvk, physical: &Metadata) -> Option<Key> {
        let text = json!({ "metadata": physical }).to_string();
        self.origin(gvk, &crate::object::Object::parse(gvk, &text).ok()?)
    }
}

/// The markers of a copy that say nothing of its source.
fn kept(standing: Option<&Metadata>) -> Annotations {
    let all = standing.iter().flat_map(|standing| &standing.annotations);
    let kept = all.filter(|(key, _)| [SYNCER, SYNCED_FINALIZERS].contains(&key.as_str()));
    kept.map(|(key, value)| (key.clone(), value.clone())).collect()
}
