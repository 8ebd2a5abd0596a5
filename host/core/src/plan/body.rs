//! The object that a plugin's body says.

use serde_json::Value;

use super::Refusal;
use crate::intent::Body;
use crate::key::{Gvk, Side};
use crate::object::Object;
use crate::patch::{merge, set};
use crate::translate::Metadata;

/// The object that a body says, which may be a change to `base`. It is of this kind and has a name; a kind that it
/// does not say is filled in.
pub(crate) fn asked(
    side: Side,
    gvk: &Gvk,
    body: &Body,
    base: impl FnOnce() -> Result<Value, Refusal>,
) -> Result<Value, Refusal> {
    let value = match body {
        Body::Whole(text) => parse(side, text)?,
        Body::MergePatch(text) => {
            let mut value = base()?;
            merge(&mut value, parse(side, text)?);
            value
        }
        Body::Fields(fields) => {
            let mut value = base()?;
            for (pointer, field) in fields {
                let field = field.as_deref().map(|text| parse(side, text)).transpose()?;
                if !set(&mut value, pointer, field) {
                    // As much of it as there is to understand.
                    let pointer = pointer.chars().take(64).collect();
                    return Err(Refusal::NoSuchPlace { side, pointer });
                }
            }
            value
        }
    };
    checked(side, gvk, value)
}

fn checked(side: Side, gvk: &Gvk, mut value: Value) -> Result<Value, Refusal> {
    let Value::Object(object) = &mut value else {
        return Err(Refusal::NotAnObject { side, why: "it is no JSON object".into() });
    };
    let api_version = object.entry("apiVersion").or_insert_with(|| gvk.api_version().into()).clone();
    let kind = object.entry("kind").or_insert_with(|| gvk.kind.as_str().into()).clone();
    if api_version != gvk.api_version().as_str() || kind != gvk.kind.as_str() {
        let word = |value: Value| value.as_str().map_or_else(|| value.to_string(), Into::into);
        let found = format!("{} {}", word(api_version), word(kind));
        return Err(Refusal::AnotherKind { side, found, expected: gvk.to_string() });
    }
    match value.pointer("/metadata/name").and_then(Value::as_str) {
        Some(name) if !name.is_empty() => Ok(value),
        _ => Err(Refusal::Nameless(side)),
    }
}

pub(super) fn parse(side: Side, text: &str) -> Result<Value, Refusal> {
    serde_json::from_str(text).map_err(|error| not_an_object(side, &error))
}

/// An object that stands: all of it, and its metadata.
pub(super) fn standing(side: Side, object: &Object) -> Result<(Value, Metadata), Refusal> {
    Ok((parse(side, &object.json)?, metadata(side, object)?))
}

pub(super) fn metadata(side: Side, object: &Object) -> Result<Metadata, Refusal> {
    Metadata::of(&object.json).map_err(|error| not_an_object(side, &error))
}

/// Takes the metadata out of an object.
pub(super) fn take_metadata(side: Side, object: &mut Value) -> Result<Metadata, Refusal> {
    serde_json::from_value(object["metadata"].take()).map_err(|error| not_an_object(side, &error))
}

pub(super) fn to_value(side: Side, metadata: &Metadata) -> Result<Value, Refusal> {
    serde_json::to_value(metadata).map_err(|error| not_an_object(side, &error))
}

/// serde_json's words for what is wrong, without a piece of the text: that may be a secret.
fn not_an_object(side: Side, error: &serde_json::Error) -> Refusal {
    let why = match error.classify() {
        serde_json::error::Category::Data => "a field has a wrong type".into(),
        _ => format!("not JSON (line {}, column {})", error.line(), error.column()),
    };
    Refusal::NotAnObject { side, why }
}
