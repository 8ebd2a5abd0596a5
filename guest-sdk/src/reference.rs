use serde::Serialize;

use crate::Gvk;

/// Where virtual objects of some kind name objects of their own namespace. A syncer with references copies what is
/// named, and nothing else.
///
/// ```
/// use sluice_sdk::{Gvk, Reference};
///
/// Reference::new(Gvk::from_api_version("networking.k8s.io/v1", "Ingress"), ["/spec/tls/*/secretName"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// The kind of what names.
    pub kind: Gvk,
    /// JSON pointers, with `*` for every element of a list or map.
    pub paths: Vec<String>,
}

impl Reference {
    /// Objects of this kind name them at these places.
    pub fn new<S: Into<String>>(kind: Gvk, paths: impl IntoIterator<Item = S>) -> Self {
        Self { kind, paths: paths.into_iter().map(Into::into).collect() }
    }
}
