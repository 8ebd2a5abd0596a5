//! What a cluster serves: kinds, and where.

use std::sync::Arc;

use kube::Api;
use kube::api::ApiResource;
use kube::core::GroupVersionKind;
use kube::discovery::{self, Scope};
use kube::error::DiscoveryError;
use sluice_core::key::{Gvk, Side};

use crate::cluster::Cluster;
use crate::failure::{REQUEST, status, within, words};
use crate::raw::Raw;

/// A kind as one cluster serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The kind.
    pub gvk: Gvk,
    /// Whether its objects are in namespaces.
    pub namespaced: bool,
    /// Whether its status is written apart, so that other writes leave it alone.
    pub has_status: bool,
    pub(crate) api: ApiResource,
}

impl Resource {
    /// Whether the other one is found at the same place: a definition that was made again may have moved it.
    pub(crate) fn is_where(&self, other: &Self) -> bool {
        self.namespaced == other.namespaced && self.api.plural == other.api.plural
    }

    /// Its objects as text, of one namespace or all; of a kind that is in none, all.
    pub(crate) fn objects(&self, cluster: &Cluster, namespace: Option<&str>) -> Api<Raw> {
        match namespace.filter(|_| self.namespaced) {
            Some(namespace) => Api::namespaced_with(cluster.client.clone(), namespace, &self.api),
            None => Api::all_with(cluster.client.clone(), &self.api),
        }
    }
}

/// Why a kind cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ResourceError {
    /// The cluster does not know it.
    #[error(
        "the {side} cluster does not serve {gvk}; \
         install its CustomResourceDefinition there, or correct group, version and kind"
    )]
    NotServed {
        /// Which cluster.
        side: Side,
        /// Which kind.
        gvk: Gvk,
    },
    /// No answer, or none that tells.
    #[error("cannot ask the {side} cluster about {gvk}: {cause}")]
    Unknown {
        /// Which cluster.
        side: Side,
        /// Which kind.
        gvk: Gvk,
        /// What went wrong.
        cause: String,
    },
}

impl Cluster {
    /// How this cluster serves a kind. Asked once, then remembered; a kind that it does not serve is asked for anew.
    ///
    /// # Errors
    /// It is not served, or the API server does not answer.
    pub async fn resource(&self, gvk: &Gvk) -> Result<Arc<Resource>, ResourceError> {
        if let Some(resource) = self.resources.read().await.get(gvk) {
            return Ok(resource.clone());
        }
        let resource = Arc::new(self.discover(gvk).await?);
        self.resources.write().await.insert(gvk.clone(), resource.clone());
        Ok(resource)
    }

    /// As [`resource`](Self::resource); none if this cluster does not serve the kind. One that was served before is
    /// remembered as served: [`forget`](Self::forget) it first to know better.
    ///
    /// # Errors
    /// The API server does not answer.
    pub async fn find(&self, gvk: &Gvk) -> Result<Option<Arc<Resource>>, ResourceError> {
        match self.resource(gvk).await {
            Ok(resource) => Ok(Some(resource)),
            Err(ResourceError::NotServed { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Forgets how this cluster serves a kind, so that it is asked anew: its CustomResourceDefinition came or went.
    pub async fn forget(&self, gvk: &Gvk) {
        self.resources.write().await.remove(gvk);
    }

    async fn discover(&self, gvk: &Gvk) -> Result<Resource, ResourceError> {
        let (side, pinned) = (self.side(), GroupVersionKind::gvk(&gvk.group, &gvk.version, &gvk.kind));
        match within(REQUEST, discovery::pinned_kind(&self.client, &pinned)).await {
            Ok((api, capabilities)) => Ok(Resource {
                gvk: gvk.clone(),
                namespaced: capabilities.scope == Scope::Namespaced,
                has_status: capabilities.subresources.iter().any(|(subresource, _)| subresource.plural == "status"),
                api,
            }),
            Err(error) if status(&error) == Some(404) || is_missing(&error) => {
                Err(ResourceError::NotServed { side, gvk: gvk.clone() })
            }
            Err(error) => Err(ResourceError::Unknown { side, gvk: gvk.clone(), cause: words(&error) }),
        }
    }
}

fn is_missing(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Discovery(DiscoveryError::MissingKind(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_that_moved_is_not_where_it_was() {
        let (kind, gvk) = (Gvk::new("g", "v1", "Kind"), GroupVersionKind::gvk("g", "v1", "Kind"));
        let at = |plural, namespaced, has_status| {
            let api = ApiResource::from_gvk_with_plural(&gvk, plural);
            Resource { gvk: kind.clone(), namespaced, has_status, api }
        };
        assert!(at("kinds", true, true).is_where(&at("kinds", true, false)));
        assert!(!at("kinds", true, true).is_where(&at("kindes", true, true)));
        assert!(!at("kinds", true, true).is_where(&at("kinds", false, true)));
    }
}
