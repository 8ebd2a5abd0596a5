//! Waiting until a definition is served.

use std::time::Duration;

use kube::Api;
use serde_json::Value;
use sluice_core::key::{Gvk, Side};
use tokio::time::{Instant, sleep, timeout_at};

use super::definitions;
use crate::cluster::Cluster;
use crate::failure::{REQUEST, within, words};
use crate::raw::Raw;

/// From one look to the next.
const PERIOD: Duration = Duration::from_millis(100);
/// How long a definition has.
const LIMIT: Duration = Duration::from_secs(30);

/// Why the kinds of a CustomResourceDefinition cannot be used yet.
#[derive(Debug, thiserror::Error)]
#[error("{side} cluster: CustomResourceDefinition `{name}` is not established after {} s: {why}", LIMIT.as_secs())]
pub struct NotEstablished {
    /// Which cluster.
    pub side: Side,
    /// Which definition.
    pub name: String,
    /// What its conditions say, or what went wrong.
    pub why: String,
}

impl Cluster {
    /// Waits until a CustomResourceDefinition is established and discovery shows all versions that it serves. What was
    /// remembered of its kinds is forgotten.
    ///
    /// # Errors
    /// It is not so after 30 s, or there is none; tells what its conditions say.
    pub async fn await_established(&self, name: &str) -> Result<(), NotEstablished> {
        let end = Instant::now() + LIMIT;
        loop {
            let looked = timeout_at(end, self.is_established(name)).await;
            let Err(why) = looked.unwrap_or_else(|_| Err("no answer".into())) else { return Ok(()) };
            if Instant::now() >= end {
                return Err(NotEstablished { side: self.side(), name: name.into(), why });
            }
            sleep(PERIOD).await;
        }
    }

    async fn is_established(&self, name: &str) -> Result<(), String> {
        let api: Api<Raw> = definitions().objects(self, None);
        let found = within(REQUEST, api.get_opt(name)).await.map_err(|error| words(&error))?;
        let found = found.ok_or("it does not exist")?;
        let found: Value = serde_json::from_str(found.json()).map_err(|error| error.to_string())?;
        accepted(&found)?;
        // The API server says so a moment before its discovery does.
        for gvk in served(&found) {
            self.forget(&gvk).await;
            self.resource(&gvk).await.map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

/// Whether its conditions say that it is established, or what they say instead.
fn accepted(definition: &Value) -> Result<(), String> {
    let conditions = definition["status"]["conditions"].as_array().map_or(&[][..], Vec::as_slice);
    if conditions.iter().any(|condition| condition["type"] == "Established" && condition["status"] == "True") {
        return Ok(());
    }
    let text = |condition: &Value, field: &str| condition[field].as_str().unwrap_or_default().to_owned();
    let said = conditions.iter().map(|condition| {
        let [kind, status, message] = ["type", "status", "message"].map(|field| text(condition, field));
        format!("{kind} is {status}: {message}")
    });
    let said = said.collect::<Vec<_>>().join("; ");
    Err(if said.is_empty() { "it has no conditions yet".into() } else { said })
}

/// The kinds that it serves.
fn served(definition: &Value) -> Vec<Gvk> {
    let spec = &definition["spec"];
    let (Some(group), Some(kind)) = (spec["group"].as_str(), spec["names"]["kind"].as_str()) else { return Vec::new() };
    let versions = spec["versions"].as_array().into_iter().flatten().filter(|version| version["served"] == true);
    versions.filter_map(|version| version["name"].as_str()).map(|version| Gvk::new(group, version, kind)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn conditions_are_told() {
        let with = |conditions: Value| accepted(&json!({"status": {"conditions": conditions}})).err();
        let refused = json!({"type": "NamesAccepted", "status": "False", "message": "\"w\" is already in use"});
        let waiting = json!({"type": "Established", "status": "False", "message": "not all names are accepted"});
        assert_eq!(with(json!([refused, {"type": "Established", "status": "True"}])), None);
        let said = "NamesAccepted is False: \"w\" is already in use; Established is False: not all names are accepted";
        assert_eq!(with(json!([refused, waiting])).as_deref(), Some(said));
        assert_eq!(accepted(&json!({})).unwrap_err(), "it has no conditions yet");
    }

    #[test]
    fn what_is_served_is_told_from_what_is_only_stored() {
        let versions = json!([{"name": "v1", "served": true}, {"name": "v1alpha1", "served": false}]);
        let definition = json!({"spec": {"group": "g", "names": {"kind": "K"}, "versions": versions}});
        assert_eq!(served(&definition), [Gvk::new("g", "v1", "K")]);
    }
}
