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

/// Why what has to be there was not found.
#[derive(Debug, thiserror::Error)]
pub enum LookupError {
    /// There is no such namespace.
    #[error("{side} cluster: namespace `{name}` does not exist; make it with `kubectl create namespace {name}`")]
    NoNamespace {
        /// Which cluster.
        side: Side,
        /// Which namespace.
        name: String,
    },
    /// No answer, or none that tells.
    #[error("{side} cluster: cannot look for {what}: {cause}")]
    Unknown {
        /// Which cluster.
        side: Side,
        /// Kind and name.
        what: String,
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
    pub async fn require_namespace(&self, name: &str) -> Result<(), LookupError> {
        let namespaces = Api::<Namespace>::all(self.client.clone());
        match within(REQUEST, namespaces.get_metadata_opt(name)).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(LookupError::NoNamespace { side: self.side, name: name.into() }),
            Err(error) if status(&error) == Some(403) => {
                debug!(side = %self.side, name, error = words(&error), "may not look whether the namespace exists");
                Ok(())
            }
            Err(error) => Err(self.unknown(format!("namespace `{name}`"), &error)),
        }
    }

    /// The uid of the Service that owns what is copied, as vCluster's own Service does. None, with a line in the log,
    /// when there is no such Service or we may not look: copies then have no owner.
    ///
    /// # Errors
    /// The API server does not answer.
    pub async fn owner_service(&self, namespace: &str, name: &str) -> Result<Option<String>, LookupError> {
        let services = Api::<Service>::namespaced(self.client.clone(), namespace);
        let why = match within(REQUEST, services.get_metadata_opt(name)).await {
            Ok(Some(service)) => return Ok(service.metadata.uid),
            Ok(None) => "it does not exist".into(),
            Err(error) if status(&error) == Some(403) => words(&error),
            Err(error) => return Err(self.unknown(format!("Service `{namespace}/{name}`"), &error)),
        };
        warn!(side = %self.side, namespace, name, why, "no owning Service: copies outlive the virtual cluster");
        Ok(None)
    }

    fn unknown(&self, what: String, error: &kube::Error) -> LookupError {
        LookupError::Unknown { side: self.side, what, cause: words(error) }
    }
}

/// Its side and user.
impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} cluster as {}", self.side, self.user)
    }
}
