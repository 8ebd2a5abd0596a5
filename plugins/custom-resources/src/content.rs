//! What of an object is copied: all but what the clusters say themselves.

use sluice_sdk::serde_json::{Map, Value};

/// What is not content: the runtime's, and the status, which has a way of its own.
const OWN: [&str; 4] = ["apiVersion", "kind", "metadata", "status"];

/// The content of an object.
pub(crate) fn of(object: &Value) -> Value {
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
