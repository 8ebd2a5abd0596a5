//! vCluster's translation between the clusters: names, labels, annotations, selectors, both directions. Pure.

mod annotations;
mod labels;
mod metadata;
mod names;

pub use metadata::Metadata;

use crate::key::{Gvk, Key};
use crate::markers::Markers;
use crate::object::Object;

/// Translates between one virtual cluster and its target namespace.
#[derive(Clone, Debug)]
pub struct Translator {
    name: String,
    namespace: String,
    owner: Option<Owner>,
}

/// The Service of the virtual cluster, which owns every namespaced copy: what is left goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Its uid in the physical cluster.
    pub uid: String,
}

/// Why a name cannot be that of a virtual cluster.
#[derive(Debug, thiserror::Error)]
#[error(
    "{what} {value:?} is not a name that Kubernetes takes: lower-case letters, digits and '-', \
     at most 63, beginning and ending with a letter or digit"
)]
pub struct NameError {
    what: &'static str,
    value: String,
}

impl Translator {
    /// `name`: of the virtual cluster (vCluster: of its Helm release). `namespace`: where its copies go.
    pub fn new(name: &str, namespace: &str) -> Result<Self, NameError> {
        for (what, value) in [("virtual cluster name", name), ("target namespace", namespace)] {
            if !names::is_label(value) {
                return Err(NameError { what, value: value.into() });
            }
        }
        Ok(Self { name: name.into(), namespace: namespace.into(), owner: None })
    }

    /// With an owner for every namespaced copy.
    #[must_use]
    pub fn owned_by(self, owner: Option<Owner>) -> Self {
        Self { owner, ..self }
    }

    /// The virtual cluster's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The physical namespace that copies go to.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Where the copy of a virtual object stands.
    pub fn physical_key(&self, key: &Key) -> Key {
        match &key.namespace {
            Some(namespace) => {
                let name = names::concat(&[&key.name, "x", namespace, "x", &self.name]);
                Key::namespaced(&self.namespace, &name)
            }
            None => Key::cluster(&names::concat(&["vcluster", &key.name, "x", &self.namespace, "x", &self.name])),
        }
    }

    /// The virtual object that a physical one is the copy of, by its markers; none if it is none of ours.
    pub fn origin(&self, gvk: &Gvk, physical: &Object) -> Option<Key> {
        let markers = physical.markers.as_deref()?;
        let name = markers.object_name.as_deref()?;
        let key = match (&physical.key.namespace, markers.object_namespace.as_deref()) {
            (Some(_), Some(namespace)) => Key::namespaced(namespace, name),
            (None, None) => Key::cluster(name),
            _ => return None,
        };
        let ours = self.signed(physical, markers) && self.consistent(gvk, physical, markers);
        (ours && self.physical_key(&key) == physical.key).then_some(key)
    }

    /// The physical object that a virtual one was brought up from, by its markers; none if it was not.
    pub fn imported_from(&self, gvk: &Gvk, virtual_: &Object) -> Option<Key> {
        let markers = virtual_.markers.as_deref().filter(|markers| markers.imported)?;
        let kind = markers.object_kind.as_deref().is_none_or(|kind| *kind == *names::kind(gvk));
        let name = markers.host_name.as_deref().filter(|_| kind)?;
        Some(Key { namespace: markers.host_namespace.as_deref().map(Into::into), name: name.into() })
    }

    /// Whether a physical object is the copy of this virtual one: by its markers or, where the annotations
    /// have been taken off or changed, by our label and the place it stands at.
    pub fn is_copy(&self, gvk: &Gvk, physical: &Object, of: &Key) -> bool {
        self.physical_key(of) == physical.key
            && match self.origin(gvk, physical) {
                Some(origin) => origin == *of,
                None => physical.markers.as_deref().is_some_and(|markers| {
                    markers.managed_by.as_deref() == Some(&*self.mark(of.namespace.is_some()))
                        && markers.namespace.as_deref() == of.namespace.as_deref()
                }),
            }
    }

    /// Whether it carries our label, or lost it but still carries every annotation that says what it is.
    fn signed(&self, physical: &Object, markers: &Markers) -> bool {
        match &markers.managed_by {
            Some(by) => **by == *self.mark(physical.key.namespace.is_some()),
            None => {
                markers.object_uid.is_some()
                    && markers.object_kind.is_some()
                    && markers.host_name.is_some()
                    && markers.host_namespace.is_some() == physical.key.namespace.is_some()
            }
        }
    }

    /// Whether what its annotations say of itself is true: a copy of a copy says otherwise.
    fn consistent(&self, gvk: &Gvk, physical: &Object, markers: &Markers) -> bool {
        let agrees = |marker: &Option<Box<str>>, actual: &str| marker.as_deref().is_none_or(|said| said == actual);
        agrees(&markers.object_kind, &names::kind(gvk))
            && agrees(&markers.host_name, &physical.key.name)
            && agrees(&markers.host_namespace, physical.key.namespace.as_deref().unwrap_or_default())
    }

    /// The value of the label that marks our copies.
    pub fn mark(&self, namespaced: bool) -> String {
        if namespaced { self.name.clone() } else { names::concat(&[&self.namespace, "x", &self.name]) }
    }
}

#[cfg(test)]
mod tests;
