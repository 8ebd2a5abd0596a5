//! Hooks: what plugins make of an object on its way out, or on its way to a guest.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::intent::Body;
use crate::key::{Gvk, Side};
use crate::markers::{PREFIX, WISHES};
use crate::object::Object;
use crate::patch::{diff, tidy};
use crate::plan::{Refusal, asked};
use crate::write::Write;

/// What is about to be done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// It is made.
    Create,
    /// It, or its status, is changed.
    Update,
    /// It is taken away.
    Delete,
    /// It is read, for a guest to see.
    Get,
}

/// What a hook says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it is.
    Pass,
    /// Like this instead.
    Change(Body),
    /// Not at all, and why.
    Deny(String),
}

/// What a hook made of an object.
///
/// # Errors
/// It is no such object, or another one: a hook changes content, labels and annotations, and nothing else.
pub fn changed(side: Side, gvk: &Gvk, before: &Value, body: &Body) -> Result<Value, Refusal> {
    let after = asked(side, gvk, body, || Ok(before.clone()))?;
    if identity(before) == identity(&after) { Ok(after) } else { Err(Refusal::Identity(side)) }
}

/// All of the metadata that is not content: labels and annotations are, but for markers.
fn identity(object: &Value) -> Value {
    let mut metadata = object["metadata"].as_object().cloned().unwrap_or_default();
    for map in ["labels", "annotations"] {
        let all = metadata.remove(map).and_then(|all| all.as_object().cloned()).unwrap_or_default();
        let is_marker = |key: &str| key.starts_with(PREFIX) && !WISHES.contains(&key);
        let markers: Map<_, _> = all.into_iter().filter(|(key, _)| is_marker(key)).collect();
        metadata.insert(map.into(), markers.into());
    }
    metadata.into()
}

/// What a write is to hooks: the occasion, and the object as it would be, or as it stands before it goes.
pub fn occasion(write: &Write, standing: Option<&Object>) -> (Operation, Value) {
    match write {
        Write::Create { body, .. } => (Operation::Create, body.clone()),
        Write::Apply { body, .. } => (Operation::Update, body.clone()),
        Write::Patch { desired, .. } => (Operation::Update, desired.clone()),
        Write::Delete { target, .. } => {
            let known = standing.and_then(|object| serde_json::from_str(&object.json).ok());
            let named = || {
                json!({ "apiVersion": target.gvk.api_version(), "kind": target.gvk.kind,
                    "metadata": { "name": &*target.key.name, "namespace": target.key.namespace.as_deref() } })
            };
            (Operation::Delete, known.unwrap_or_else(named))
        }
    }
}

/// The write that makes of what stands there what hooks made of the object; none if it is so already.
pub fn rewritten(write: Write, standing: Option<&Object>, after: Value) -> Option<Write> {
    match write {
        Write::Create { target, .. } => Some(Write::Create { target, body: after }),
        Write::Apply { target, manager, .. } => Some(Write::Apply { target, body: after, manager }),
        // What goes, goes as it is.
        Write::Delete { .. } => Some(write),
        Write::Patch { target, read, mut desired, status, .. } => {
            // A status is written apart, and nothing else with it.
            if status {
                desired["status"] = after["status"].clone();
            } else {
                let kept = desired.get("status").cloned();
                desired = after;
                match kept {
                    Some(kept) => desired["status"] = kept,
                    None => drop(desired.as_object_mut().and_then(|object| object.remove("status"))),
                }
            }
            let mut current: Value = serde_json::from_str(&standing?.json).ok()?;
            tidy(&mut current);
            tidy(&mut desired);
            diff(&current, &desired).map(|patch| Write::Patch { target, read, patch, desired, status })
        }
    }
}

#[cfg(test)]
mod tests;
