//! What the copy of a CustomResourceDefinition is, and how it differs from what stands there. As JSON throughout: fields
//! that this runtime does not know are kept.

use serde_json::{Map, Value, json};
use sluice_core::key::Side;
use sluice_core::markers::{IMPORTED, MANAGED_BY, PREFIX};
use sluice_core::object::Object;
use sluice_core::patch::{diff, set};

/// What kubectl remembers of the source.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// A copy as it should be.
#[derive(Debug, PartialEq)]
pub(super) struct Copy {
    pub(super) body: Value,
    /// Whether its source converts by a webhook that its cluster alone can reach.
    pub(super) webhook_lost: bool,
}

/// Which side's definition is copied; none if there is nothing to do: neither has one of its own, or both have, or one
/// is on its way out, which is awaited.
pub(super) fn source(virtual_: Option<&Object>, physical: Option<&Object>, mark: &str) -> Option<Side> {
    if virtual_.into_iter().chain(physical).any(|object| object.deleting) {
        return None;
    }
    let is_own = |object: &Object| {
        let managed_by = object.markers.as_ref().and_then(|markers| markers.managed_by.as_deref());
        managed_by != Some(mark)
    };
    match (virtual_.is_some_and(is_own), physical.is_some_and(is_own)) {
        (true, false) => Some(Side::Virtual),
        (false, true) => Some(Side::Physical),
        _ => None,
    }
}

/// The copy of a definition, with what an API server fills in by itself.
pub(super) fn of(source: &Value, mark: &str) -> Copy {
    let mut metadata = json!({"name": source["metadata"]["name"]});
    // vCluster's own say something of the source that is not so of the copy.
    let kept = |field: &str| {
        let pairs = source["metadata"][field].as_object().cloned().unwrap_or_default();
        pairs.into_iter().filter(|(key, _)| key != LAST_APPLIED && !key.starts_with(PREFIX)).collect::<Map<_, _>>()
    };
    metadata["labels"] = kept("labels").into();
    metadata["labels"][MANAGED_BY] = mark.into();
    metadata["annotations"] = kept("annotations").into();
    metadata["annotations"][IMPORTED] = "true".into();

    let mut spec = source["spec"].clone();
    let webhook_lost = spec["conversion"]["strategy"] == "Webhook"
        && !spec.pointer("/conversion/webhook/clientConfig/url").is_some_and(Value::is_string);
    if webhook_lost || spec["conversion"].is_null() {
        spec["conversion"] = json!({"strategy": "None"});
    }
    if let Some(kind) = spec["names"]["kind"].as_str().map(str::to_owned) {
        for (place, value) in [("singular", kind.to_lowercase()), ("listKind", format!("{kind}List"))] {
            if spec["names"][place].is_null() {
                set(&mut spec, &format!("/names/{place}"), Some(value.into()));
            }
        }
    }
    let mut body = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"});
    body["metadata"] = metadata;
    body["spec"] = spec;
    Copy { body, webhook_lost }
}

/// The merge patch that makes `desired` of what is stored; none if there is nothing to change. Labels and annotations
/// that others gave it stay.
pub(super) fn change(stored: &Value, desired: &Value) -> Option<Value> {
    let mut patch = json!({});
    for field in ["labels", "annotations"] {
        for (key, value) in desired["metadata"][field].as_object().into_iter().flatten() {
            if stored["metadata"][field][key] != *value {
                patch["metadata"][field][key] = value.clone();
            }
        }
    }
    if let Some(spec) = diff(&stored["spec"], &desired["spec"]) {
        patch["spec"] = spec;
    }
    patch.as_object().is_some_and(|patch| !patch.is_empty()).then_some(patch)
}

/// What of a stored definition a write of ours can change.
pub(super) fn substance(stored: &Value) -> Value {
    let metadata = &stored["metadata"];
    json!({"labels": metadata["labels"], "annotations": metadata["annotations"], "spec": stored["spec"]})
}

#[cfg(test)]
mod tests;
