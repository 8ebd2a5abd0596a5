//! From what a plugin asks for to the least that must be written.
//!
//! An answer is checked whole: one intent that is refused refuses them all, and the pair stays as it was.

use serde_json::Value;

use crate::grants::{Access, Grants};
use crate::intent::{Body, Intent, Note};
use crate::key::{Gvk, Side, Target};
use crate::limits::Limits;
use crate::object::Object;
use crate::pair::Pair;
use crate::patch::{diff, merge, set, tidy};
use crate::translate::{Metadata, Translator};
use crate::write::{Read, Write};

/// By what a plugin's answers are judged.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The translation, which owns identity.
    pub translator: &'a Translator,
    /// The kind of the syncer.
    pub gvk: &'a Gvk,
    /// What the plugin may do.
    pub grants: &'a Grants,
    /// How much of it.
    pub limits: &'a Limits,
}

/// What is to be done.
#[derive(Debug, Default, PartialEq)]
pub struct Plan {
    /// In this order.
    pub writes: Vec<Write>,
    /// On the virtual object.
    pub events: Vec<Note>,
    /// Call again after so many milliseconds.
    pub requeue: Option<u32>,
}

/// Why a plugin's answer is not followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No grant covers it.
    #[error("it asked to {0}, which it is not granted")]
    NotGranted(String),
    /// More intents than allowed.
    #[error("it asked for {asked} things at once; the limit is {limit}")]
    TooMany {
        /// How many it returned.
        asked: usize,
        /// How many it may.
        limit: usize,
    },
    /// Two intents for the same thing.
    #[error("it asked twice for the {0} object")]
    Twice(Side),
    /// No JSON object, or one with fields of a wrong type.
    #[error("its {side} object is not a Kubernetes object: {why}")]
    NotAnObject {
        /// Which object it was to be.
        side: Side,
        /// What the parser says.
        why: String,
    },
    /// Another kind than the syncer's.
    #[error("its {side} object is a {found}; the syncer is one of {expected}")]
    AnotherKind {
        /// Which object it was to be.
        side: Side,
        /// What it is.
        found: String,
        /// What it should have been.
        expected: String,
    },
    /// No metadata.name.
    #[error("its {0} object has no metadata.name")]
    Nameless(Side),
    /// A JSON pointer that leads nowhere.
    #[error("its {side} object has no place {pointer:?}")]
    NoSuchPlace {
        /// Of which object.
        side: Side,
        /// As the plugin wrote it.
        pointer: String,
    },
    /// A copy of something that is gone, or a status of something that is not there.
    #[error("it asked for a {0} object whose counterpart does not exist")]
    NoCounterpart(&'static str),
}

/// What the intents come down to.
pub fn plan(rules: Rules<'_>, pair: &Pair, intents: &[Intent]) -> Result<Plan, Refusal> {
    let Rules { gvk, limits, .. } = rules;
    if intents.len() > limits.intents {
        return Err(Refusal::TooMany { asked: intents.len(), limit: limits.intents });
    }
    let manage = |side, what: &str| match rules.grants.allow(side, gvk, Access::Manage) {
        // `desire` stamps the identity of a copy: no grant makes that right for the virtual half.
        true if side == Side::Physical => Ok(()),
        _ => Err(Refusal::NotGranted(format!("{what} the {side} {gvk}"))),
    };
    let mut plan = Plan::default();
    for intent in intents {
        let write = match intent {
            Intent::Desire(side, body) => {
                manage(*side, "write")?;
                desire(rules, pair, body)?
            }
            Intent::DesireStatus(side, body) => {
                manage(*side, "write the status of")?;
                desire_status(rules, pair, body)?
            }
            Intent::Remove(side) => {
                manage(*side, "delete")?;
                pair.removal(gvk)
            }
            Intent::Apply(target, _) => return Err(Refusal::NotGranted(format!("apply {target}"))),
            Intent::Delete(target) => return Err(Refusal::NotGranted(format!("delete {target}"))),
            Intent::Event(note) => {
                plan.events.push(note.clone());
                None
            }
            Intent::Requeue(after) => {
                let after = (*after).max(limits.requeue);
                plan.requeue = Some(plan.requeue.map_or(after, |earlier| earlier.min(after)));
                None
            }
        };
        if let Some(write) = write {
            if plan.writes.iter().any(|other| contradict(other, &write)) {
                return Err(Refusal::Twice(write.target().side));
            }
            plan.writes.push(write);
        }
    }
    Ok(plan)
}

/// The object and its status may be written in one answer, nothing else of one object twice.
fn contradict(one: &Write, other: &Write) -> bool {
    let status = |write: &Write| matches!(write, Write::Patch { status: true, .. });
    one.target() == other.target() && status(one) == status(other)
}

/// The physical object of the pair shall look like this.
fn desire(rules: Rules<'_>, pair: &Pair, body: &Body) -> Result<Option<Write>, Refusal> {
    let Rules { translator, gvk, .. } = rules;
    let side = Side::Physical;
    let Some(virtual_) = &pair.virtual_ else { return Err(Refusal::NoCounterpart("physical")) };
    let origin = metadata(&virtual_.json)?;
    let current = pair.physical.as_deref().map(standing).transpose()?;
    let standing = current.as_ref().map(|(_, metadata)| metadata);

    let mut desired = asked(side, gvk, body, || match &current {
        Some((value, _)) => Ok(value.clone()),
        None => translated(rules, virtual_, &origin),
    })?;
    let made = serde_json::from_value(desired["metadata"].take()).map_err(|error| not_an_object(side, &error))?;
    desired["metadata"] = to_value(&translator.stamp(gvk, &origin, standing, made))?;
    // The status is the status intent's.
    match current.as_ref().and_then(|(value, _)| value.get("status")) {
        Some(status) => desired["status"] = status.clone(),
        None => drop(desired.as_object_mut().and_then(|object| object.remove("status"))),
    }
    tidy(&mut desired);

    let target = Target { side, gvk: gvk.clone(), key: pair.physical_key.clone() };
    Ok(match (&pair.physical, current) {
        (Some(physical), Some((mut value, _))) => {
            tidy(&mut value);
            diff(&value, &desired).map(|patch| Write::Patch {
                target,
                read: Read::from(&**physical),
                patch,
                desired,
                status: false,
            })
        }
        _ => Some(Write::Create { target, body: desired }),
    })
}

/// The status of the physical object of the pair shall look like this.
fn desire_status(rules: Rules<'_>, pair: &Pair, body: &Body) -> Result<Option<Write>, Refusal> {
    let side = Side::Physical;
    let Some(physical) = &pair.physical else { return Err(Refusal::NoCounterpart("physical status")) };
    let (current, _) = standing(physical)?;
    let mut asked = asked(side, rules.gvk, body, || Ok(current.clone()))?;
    let mut desired = current.clone();
    desired["status"] = asked["status"].take();
    let target = Target { side, gvk: rules.gvk.clone(), key: pair.physical_key.clone() };
    Ok(diff(&current, &desired).map(|patch| Write::Patch {
        target,
        read: Read::from(&**physical),
        patch,
        desired,
        status: true,
    }))
}

/// What a merge patch starts from where there is no physical object yet.
fn translated(rules: Rules<'_>, virtual_: &Object, origin: &Metadata) -> Result<Value, Refusal> {
    let mut value = parse(Side::Virtual, &virtual_.json)?;
    value["metadata"] = to_value(&rules.translator.metadata_down(rules.gvk, origin, None))?;
    Ok(value)
}

fn standing(object: &Object) -> Result<(Value, Metadata), Refusal> {
    Ok((parse(Side::Physical, &object.json)?, metadata(&object.json)?))
}

/// The object that a body says, which may be a change to `base`.
fn asked(side: Side, gvk: &Gvk, body: &Body, base: impl FnOnce() -> Result<Value, Refusal>) -> Result<Value, Refusal> {
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
                    return Err(Refusal::NoSuchPlace { side, pointer: pointer.clone() });
                }
            }
            value
        }
    };
    checked(side, gvk, value)
}

/// An object of the syncer's kind, with a name. A kind that it does not say is filled in.
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

fn parse(side: Side, text: &str) -> Result<Value, Refusal> {
    serde_json::from_str(text).map_err(|error| not_an_object(side, &error))
}

fn metadata(json: &str) -> Result<Metadata, Refusal> {
    Metadata::of(json).map_err(|error| not_an_object(Side::Virtual, &error))
}

fn to_value(metadata: &Metadata) -> Result<Value, Refusal> {
    serde_json::to_value(metadata).map_err(|error| not_an_object(Side::Physical, &error))
}

/// serde_json's words for what is wrong, without a piece of the text: that may be a secret.
fn not_an_object(side: Side, error: &serde_json::Error) -> Refusal {
    let why = match error.classify() {
        serde_json::error::Category::Data => "a field has a wrong type".into(),
        _ => format!("not JSON (line {}, column {})", error.line(), error.column()),
    };
    Refusal::NotAnObject { side, why }
}

#[cfg(test)]
mod tests;
