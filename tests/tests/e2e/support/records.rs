//! What the API servers were asked, what they tell the user, and what the runtime says of itself.

use super::{Stage, namespace, standing::BARRIER};
use anyhow::{Context, Result, ensure};
use k8s_openapi::api::{core::v1::ConfigMap, events::v1::Event};
use kube::{Api, ResourceExt, api::ListParams};
use serde_json::Value;
use sluice_tests::{AuditEvent, ControlPlane, Sluice, eventually, plane::AuditMark, process::Process};
use std::{fs, path::Path};

/// The runtime leads, and has looked at every object.
pub(crate) const STARTED: &str = r#""message":"started""#;

impl Stage {
    /// What the runtime asked of the physical API server in the target namespace since the mark, but for its lease.
    /// Barriers are left out, here and above.
    pub(crate) fn asked_below(&self, mark: AuditMark) -> Result<Vec<AuditEvent>> {
        let mut events = asked(&self.lab.physical_plane, mark)?;
        events.retain(|event| event.namespace == self.lab.target_namespace && event.resource != "leases");
        Ok(events)
    }

    /// What the runtime asked of the virtual API server since the mark.
    pub(crate) fn asked_above(&self, mark: AuditMark) -> Result<Vec<AuditEvent>> {
        asked(&self.lab.virtual_plane, mark)
    }

    /// The Warnings about a virtual object.
    pub(crate) async fn warnings(&self, about: &ConfigMap) -> Result<Vec<Event>> {
        let events: Api<Event> = Api::namespaced(self.lab.virtual_client.clone(), &namespace(about));
        let mut events = events.list(&ListParams::default()).await?.items;
        events.retain(|event| {
            let uid = event.regarding.as_ref().and_then(|regarding| regarding.uid.clone());
            event.type_.as_deref() == Some("Warning") && uid == about.uid()
        });
        Ok(events)
    }

    /// Waits for a Warning about a virtual object.
    pub(crate) async fn warned(&self, about: &ConfigMap) -> Result<Event> {
        eventually("there is a Warning about the object", async || self.warnings(about).await.ok()?.pop()).await
    }
}

fn asked(plane: &ControlPlane, mark: AuditMark) -> Result<Vec<AuditEvent>> {
    let mut events = plane.audit_since(mark)?;
    events.retain(|event| event.user == "sluice" && !event.name.starts_with(BARRIER));
    Ok(events)
}

/// Verb and name of those that are writes. A review, which asks who one is, is created but stored nowhere.
pub(crate) fn writes(events: &[AuditEvent]) -> Vec<(&str, &str)> {
    let writes = events.iter().filter(|event| event.is_write() && event.group != "authentication.k8s.io");
    writes.map(|event| (event.verb.as_str(), event.name.as_str())).collect()
}

/// The lines of the runtime's log.
pub(crate) fn log(sluice: &Sluice) -> Vec<Value> {
    sluice.stderr.all().iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// Waits until a runtime that was started in some other way says in its log that it leads, and has looked at every object.
pub(crate) async fn started(process: &mut Process, log: &Path) -> Result<()> {
    let said = eventually("sluice has started or given up", async || {
        let said = fs::read_to_string(log).unwrap_or_default();
        let over = said.contains(STARTED) || process.ended().ok().flatten().is_some();
        over.then_some(said)
    });
    let said = said.await?;
    ensure!(said.contains(STARTED), "it gave up: {said}");
    Ok(())
}

/// The functions of the plugin that were called for a pair.
pub(crate) fn calls(sluice: &Sluice, key: &str) -> Vec<String> {
    let lines = log(sluice).into_iter().filter(|line| line["message"] == "called" && line["key"] == key);
    lines.map(|line| line["function"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Stops the runtime. Returns what it says it did: `calls`, `writes`, `failures`.
pub(crate) async fn stop(mut sluice: Sluice) -> Result<Value> {
    let status = sluice.terminate().await?;
    ensure!(status.success(), "it ended with {status}");
    let line = sluice.stderr.find(r#""message":"totals""#).context("it does not say what it did")?;
    Ok(serde_json::from_str(&line)?)
}
