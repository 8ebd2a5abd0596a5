//! A small record of the runtime's own, kept in a ConfigMap.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use kube::api::{Patch, PatchParams};
use serde_json::json;
use sluice_core::key::Side;
use sluice_core::write::Read;

use crate::cluster::Cluster;
use crate::failure::{REQUEST, within, words};
use crate::write::request::FIELD_MANAGER;

/// A ConfigMap that the runtime alone writes. Whoever writes sees to it that this replica leads.
#[derive(Clone)]
pub struct Record {
    side: Side,
    namespace: String,
    name: String,
    api: Api<ConfigMap>,
    /// What it surely holds.
    known: Option<BTreeMap<String, String>>,
}

/// Why a record was not read or written.
#[derive(Debug, thiserror::Error)]
#[error("{side} cluster: cannot {verb} ConfigMap `{namespace}/{name}`: {cause}")]
pub struct RecordError {
    side: Side,
    verb: &'static str,
    namespace: String,
    name: String,
    cause: String,
}

impl Record {
    /// The ConfigMap of this name, which need not be there yet.
    pub fn new(cluster: &Cluster, namespace: &str, name: &str) -> Self {
        let api = Api::namespaced(cluster.client.clone(), namespace);
        Self { side: cluster.side(), namespace: namespace.into(), name: name.into(), api, known: None }
    }

    /// What it holds; nothing if there is no such ConfigMap.
    ///
    /// # Errors
    /// We may not, or the API server does not answer within 30 s.
    pub async fn read(&mut self) -> Result<BTreeMap<String, String>, RecordError> {
        let found = within(REQUEST, self.api.get_opt(&self.name)).await.map_err(|error| self.failed("read", &error))?;
        let data = found.as_ref().and_then(|found| found.data.clone()).unwrap_or_default();
        self.known = found.map(|_| data.clone());
        Ok(data)
    }

    /// Which object it is now; none if there is none, or nobody says.
    pub async fn identity(&self) -> Option<Read> {
        let found = within(REQUEST, self.api.get_metadata_opt(&self.name)).await.ok()??.metadata;
        Some(Read { uid: found.uid?.into(), version: found.resource_version?.as_str().into() })
    }

    /// Makes it hold this and nothing else of ours; makes the ConfigMap if need be. Sends nothing if it was last read or
    /// written so.
    ///
    /// # Errors
    /// We may not, there is no such namespace, or the API server does not answer within 30 s.
    pub async fn write(&mut self, data: &BTreeMap<String, String>) -> Result<(), RecordError> {
        if self.known.as_ref() == Some(data) {
            return Ok(());
        }
        // Unless it is answered, nobody knows which of the two it holds.
        self.known = None;
        let body = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}, "data": data});
        let (params, patch) = (PatchParams::apply(FIELD_MANAGER).force(), Patch::Apply(body));
        let written = within(REQUEST, self.api.patch(&self.name, &params, &patch)).await;
        written.map_err(|error| self.failed("write", &error))?;
        self.known = Some(data.clone());
        Ok(())
    }

    fn failed(&self, verb: &'static str, error: &kube::Error) -> RecordError {
        let (namespace, name) = (self.namespace.clone(), self.name.clone());
        RecordError { side: self.side, verb, namespace, name, cause: words(error) }
    }
}

/// Where it is, not what it holds.
impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ConfigMap {}/{} of the {} cluster", self.namespace, self.name, self.side)
    }
}
