//! What the user is told about an object of any kind.

use super::Stage;
use anyhow::Result;
use k8s_openapi::api::events::v1::Event;
use kube::{Api, api::ListParams};
use serde_json::Value;
use sluice_tests::eventually;

impl Stage {
    /// Waits for a Warning about a virtual object that says this. Returns all that it says.
    pub(crate) async fn told_that(&self, about: &Value, part: &str) -> Result<String> {
        let events: Api<Event> = Api::all(self.lab.virtual_client.clone());
        let uid = about["metadata"]["uid"].as_str();
        eventually(&format!("there is a Warning that says {part:?}"), async || -> Result<Option<String>> {
            let all = events.list(&ListParams::default()).await?.items.into_iter();
            let about = |event: &Event| event.regarding.as_ref().is_some_and(|about| about.uid.as_deref() == uid);
            let warnings = all.filter(|event| event.type_.as_deref() == Some("Warning") && about(event));
            Ok(warnings.filter_map(|event| event.note).find(|note| note.contains(part)))
        })
        .await
    }
}
