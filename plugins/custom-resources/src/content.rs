//! What of an object is copied: all but what the clusters say themselves.

use sluice_sdk::k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use sluice_sdk::serde_json::{Map, Value, json};
use sluice_sdk::{Answer, Body, Context, Dynamic, Failure, Intents, Physical, Side, Virtual};

use crate::config::Resource;
use crate::patch::Scene;

/// What is not content: the runtime's, and the status, which has a way of its own.
const OWN: [&str; 4] = ["apiVersion", "kind", "metadata", "status"];

/// The content of an object.
fn of(object: &Value) -> Value {
    let fields = object.as_object().into_iter().flatten().filter(|(key, _)| !OWN.contains(&key.as_str()));
    Value::Object(fields.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// Gives an object this content in place of its own.
pub(crate) fn replace(object: &mut Value, content: Value) {
    if let (Value::Object(object), Value::Object(content)) = (object, content) {
        let own: Map<String, Value> =
            std::mem::take(object).into_iter().filter(|(key, _)| OWN.contains(&key.as_str())).collect();
        *object = own.into_iter().chain(content).collect();
    }
}

/// Gives an object the labels and annotations of this metadata, if there is a reason to.
pub(crate) fn relabel(object: &mut Value, metadata: Option<ObjectMeta>) {
    if let Some(metadata) = metadata {
        object["metadata"]["labels"] = json!(metadata.labels);
        object["metadata"]["annotations"] = json!(metadata.annotations);
    }
}

impl Resource {
    /// What a copy holds.
    pub(crate) fn content(&self, scene: &Scene<'_>) -> Result<Value, Failure> {
        let mut content = of(scene.source);
        self.patches.iter().try_for_each(|patch| patch.apply(scene, &mut content))?;
        Ok(content)
    }

    /// And the status of the virtual object as the physical one has it, if it is to come up.
    pub(crate) fn status_up(
        &self,
        ctx: &Context,
        physical: &Physical<Dynamic>,
        virtual_object: &Virtual<Dynamic>,
        intents: Intents,
    ) -> Answer {
        if !self.status {
            return Ok(intents);
        }
        let mut updated = json!({ "status": physical["status"] });
        let copy = physical.counterpart();
        let scene = Scene { ctx, source: physical, copy: &copy };
        self.status_patches.iter().try_for_each(|patch| patch.apply(&scene, &mut updated))?;
        if updated["status"] == virtual_object["status"] {
            return Ok(intents);
        }
        let status = updated["status"].to_string();
        Ok(intents.desire_status(Side::Virtual, Body::fields([("/status", Some(status))])))
    }
}
