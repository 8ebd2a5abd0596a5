//! What a cluster serves: kinds, and where.

use std::sync::Arc;

use kube::api::ApiResource;
use kube::core::GroupVersionKind;
use kube::discovery::{self, Scope};
use kube::error::DiscoveryError;
use sluice_core::key::{Gvk, Side};

use crate::cluster::Cluster;
use crate::failure::{REQUEST, status, within, words};

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
