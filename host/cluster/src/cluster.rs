//! A cluster that was reached, and what is asked of it once.

use std::collections::HashMap;
use std::sync::Arc;

use k8s_openapi::api::core::v1::{Namespace, Service};
use kube::{Api, Client};
use sluice_core::key::{Gvk, Side};
use tokio::sync::RwLock;
use tracing::{debug, warn};

use crate::failure::{REQUEST, status, within, words};
use crate::resource::Resource;

/// One of the two clusters, reached and accepted. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Cluster {
    side: Side,
    user: Arc<str>,
    pub(crate) client: Client,
    pub(crate) resources: Arc<RwLock<HashMap<Gvk, Arc<Resource>>>>,
}

/// Why a namespace cannot be worked in.
#[derive(Debug, thiserror::Error)]
pub enum NamespaceError {
    /// It is not there.
    #[error("{side} cluster: namespace `{name}` does not exist; make it with `kubectl create namespace {name}`")]
    Missing {
        /// Which cluster.
        side: Side,
        /// Which namespace.
        name: String,
    },
    /// No answer, or none that tells.
    #[error("{side} cluster: cannot look for namespace `{name}`: {cause}")]
    Unknown {
        /// Which cluster.
        side: Side,
        /// Which namespace.
        name: String,
        /// What went wrong.
        cause: String,
    },
}

impl Cluster {
    pub(crate) fn new(side: Side, user: &str, client: Client) -> Self {
        Self { side, user: user.into(), client, resources: Arc::default() }
    }

    /// Which of the two it is.
    pub fn side(&self) -> Side {
        self.side
    }

    /// As whom it knows us: `system:serviceaccount:default:sluice`.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Makes sure that there is such a namespace. Whoever may not look is let pass: the first write will tell.
    ///
    /// # Errors
    /// It does not exist, or the API server does not answer.
    pub async fn require_namespace(&self, name: &str) -> Result<(), NamespaceError> {
        let (side, name) = (self.side, name.to_owned());
        let namespaces = Api::<Namespace>::all(self.client.clone());
        match within(REQUEST, namespaces.get_metadata_opt(&name)).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(NamespaceError::Missing { side, name }),
            Err(error) if status(&error) == Some(403) => {
                debug!(%side, name, error = words(&error), "may not look whether the namespace exists");
                Ok(())
            }
            Err(error) => Err(NamespaceError::Unknown { side, name, cause: words(&error) }),
        }
    }

    /// The uid of the Service that owns what is copied, as vCluster's own Service does. None, with a line in the log,
    /// when there is no such Service or it cannot be seen: copies then have no owner.
    pub async fn owner_service(&self, namespace: &str, name: &str) -> Option<String> {
        let services = Api::<Service>::namespaced(self.client.clone(), namespace);
        let why = match within(REQUEST, services.get_metadata_opt(name)).await {
            Ok(Some(service)) => return service.metadata.uid,
            Ok(None) => "it does not exist".into(),
            Err(error) => words(&error),
        };
        warn!(side = %self.side, namespace, name, why, "no owning Service: copies stay when the virtual cluster is removed");
        None
    }
}

/// Its side and user.
impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} cluster as {}", self.side, self.user)
    }
}
