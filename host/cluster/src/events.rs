//! Kubernetes Events: what users see in `kubectl describe`.

use k8s_openapi::api::core::v1::ObjectReference;
use kube::runtime::events::{Event, EventType, Recorder, Reporter as Source};
use sluice_core::key::Target;
use sluice_core::redact::line;
use sluice_core::write::Read;
use tracing::debug;

use crate::cluster::Cluster;
use crate::failure::{REQUEST, within, words};

/// What the API takes at most, in bytes.
const MAX_NOTE: usize = 1024;
/// The same for reason, action and instance.
const MAX_WORD: usize = 128;

/// What is said about an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note<'a> {
    /// Why, in one word: `SyncError`.
    pub reason: &'a str,
    /// What was done or tried, in one word: `SyncConfigMap`.
    pub action: &'a str,
    /// A sentence. Cut at 1024 bytes.
    pub message: &'a str,
    /// Whether something is wrong.
    pub warning: bool,
}

/// Publishes Events in one cluster. Repeats become a count on the first one. Clones count together.
#[derive(Clone)]
pub struct Reporter {
    recorder: Recorder,
}

impl Reporter {
    /// In this cluster, as the controller `sluice` and this instance of it.
    pub fn new(cluster: &Cluster, instance: &str) -> Self {
        let source = Source { controller: "sluice".into(), instance: Some(line(instance, MAX_WORD)) };
        Self { recorder: Recorder::new(cluster.client.clone(), source) }
    }

    /// Says something about an object, and which one it is where it has been read. An Event that cannot be published
    /// is logged and forgotten.
    pub async fn report(&self, about: &Target, read: Option<&Read>, note: &Note<'_>) {
        let event = Event {
            type_: if note.warning { EventType::Warning } else { EventType::Normal },
            reason: line(note.reason, MAX_WORD),
            action: line(note.action, MAX_WORD),
            note: Some(line(note.message, MAX_NOTE)),
            secondary: None,
        };
        if let Err(error) = within(REQUEST, self.recorder.publish(&event, &reference(about, read))).await {
            debug!(%about, reason = note.reason, error = words(&error), "an Event is lost");
        }
    }
}

fn reference(about: &Target, read: Option<&Read>) -> ObjectReference {
    ObjectReference {
        api_version: Some(about.gvk.api_version()),
        kind: Some(about.gvk.kind.clone()),
        namespace: about.key.namespace.as_deref().map(Into::into),
        name: Some(about.key.name.to_string()),
        uid: read.map(|read| read.uid.to_string()),
        resource_version: read.map(|read| read.version.as_str().to_owned()),
        field_path: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_as_long_as_an_event_takes() {
        assert_eq!(line(&"ä".repeat(600), MAX_NOTE).len(), 1024);
    }
}
