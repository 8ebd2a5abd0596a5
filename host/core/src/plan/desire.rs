//! What it takes for an object to look as desired.

use serde_json::{Value, json};

use super::body::{asked, metadata, parse, standing, take_metadata, to_value};
use super::{Refusal, Rules};
use crate::intent::Body;
use crate::key::{Direction, Key, Side, Target};
use crate::markers::{MANAGED_BY, NAMESPACE, PREFIX, SYNCER, SYSTEM_ANNOTATIONS};
use crate::object::Object;
use crate::pair::Pair;
use crate::patch::{diff, tidy};
use crate::syncer::Syncer;
use crate::translate::Metadata;
use crate::write::{Read, Write};

/// The copy of the pair, or what is made without a source, shall look like this.
pub(super) fn copy(syncer: &Syncer, pair: &Pair, body: &Body) -> Result<Option<Write>, Refusal> {
    if pair.direction == Direction::Virtual {
        return alone(syncer, pair, body);
    }
    let (gvk, side) = (syncer.gvk(), pair.direction.copy());
    let Some(source) = pair.half(side.other()) else { return Err(Refusal::NoCounterpart(side.to_string())) };
    let origin = metadata(side.other(), source)?;
    let current = pair.half(side).map(|object| standing(side, object)).transpose()?;

    let mut desired = asked(side, gvk, body, || match &current {
        Some((value, _)) => Ok(value.clone()),
        None => translated(syncer, source, &origin),
    })?;
    let made = take_metadata(side, &mut desired)?;
    let standing = current.as_ref().map(|(_, metadata)| metadata);
    let mut stamped = match side {
        Side::Physical => syncer.translator.stamp(gvk, &origin, standing, made),
        Side::Virtual => syncer.translator.stamp_up(gvk, &origin, &pair.key, standing, made),
    };
    stamped.annotations.insert(SYNCER.into(), syncer.mark().into());
    desired["metadata"] = to_value(side, &stamped)?;
    change(pair.target(side, gvk), pair.half(side).map(|object| &**object), current.map(|(value, _)| value), desired)
}

/// The object that the pair's copy is made from shall look like this: content, labels and annotations.
pub(super) fn source(syncer: &Syncer, pair: &Pair, body: &Body) -> Result<Option<Write>, Refusal> {
    let (gvk, side) = (syncer.gvk(), pair.direction.source());
    let Some(object) = pair.half(side) else { return Err(Refusal::NoCounterpart(side.to_string())) };
    let (current, before) = standing(side, object)?;
    let mut desired = asked(side, gvk, body, || Ok(current.clone()))?;
    let made = take_metadata(side, &mut desired)?;
    let after = with_content(before, made);
    desired["metadata"] = to_value(side, &after)?;
    change(pair.target(side, gvk), Some(object), Some(current), desired)
}

/// The object of the pair, which is virtual alone, shall look like this.
fn alone(syncer: &Syncer, pair: &Pair, body: &Body) -> Result<Option<Write>, Refusal> {
    let (gvk, side) = (syncer.gvk(), Side::Virtual);
    let Key { namespace, name } = &pair.key;
    let current = pair.half(side).map(|object| standing(side, object)).transpose()?;
    let mut desired = asked(side, gvk, body, || match &current {
        Some((value, _)) => Ok(value.clone()),
        None => Ok(json!({ "metadata": { "name": &**name } })),
    })?;
    let made = take_metadata(side, &mut desired)?;
    let bare =
        || Metadata { name: (&**name).into(), namespace: namespace.as_deref().map(Into::into), ..Metadata::default() };
    let mut stamped = with_content(current.as_ref().map_or_else(bare, |(_, metadata)| metadata.clone()), made);
    stamped.annotations.insert(SYNCER.into(), syncer.mark().into());
    desired["metadata"] = to_value(side, &stamped)?;
    change(pair.target(side, gvk), pair.half(side).map(|object| &**object), current.map(|(value, _)| value), desired)
}

/// With the labels and annotations that a plugin made. Markers say what others decide by: they stay as they are.
fn with_content(before: Metadata, made: Metadata) -> Metadata {
    let mut after = Metadata { labels: made.labels, annotations: made.annotations, ..before.clone() };
    after.labels.retain(|key, _| !key.starts_with(PREFIX));
    after.labels.extend(before.labels.into_iter().filter(|(key, _)| key.starts_with(PREFIX)));
    after.annotations.retain(|key, _| !key.starts_with(PREFIX));
    after.annotations.extend(before.annotations.into_iter().filter(|(key, _)| key.starts_with(PREFIX)));
    after
}

/// The status of one half of the pair shall look like this.
pub(super) fn status(syncer: &Syncer, pair: &Pair, side: Side, body: &Body) -> Result<Option<Write>, Refusal> {
    let Some(object) = pair.half(side) else { return Err(Refusal::NoCounterpart(format!("{side} status"))) };
    let mut current = parse(side, &object.json)?;
    let mut asked = asked(side, syncer.gvk(), body, || Ok(current.clone()))?;
    let mut desired = current.clone();
    desired["status"] = asked["status"].take();
    tidy(&mut current);
    tidy(&mut desired);
    Ok(diff(&current, &desired).map(|patch| Write::Patch {
        target: pair.target(side, syncer.gvk()),
        read: Read::from(&**object),
        patch,
        desired,
        status: true,
    }))
}

/// Another object shall look like this, whatever stands there.
pub(super) fn apply(rules: Rules<'_>, target: &Target, body: &Body) -> Result<Write, Refusal> {
    let side = target.side;
    let Body::Whole(_) = body else { return Err(Refusal::NotWhole(target.to_string())) };
    let mut object = asked(side, &target.gvk, body, || Ok(json!({})))?;
    let made = take_metadata(side, &mut object)?;
    let mut applied = Metadata {
        name: target.key.name.as_ref().into(),
        namespace: target.key.namespace.as_deref().map(Into::into),
        labels: made.labels,
        annotations: made.annotations,
        ..Metadata::default()
    };
    // Nobody calls an object the copy of another by applying it.
    applied.labels.retain(|key, _| ![MANAGED_BY, NAMESPACE].contains(&key.as_str()));
    applied.annotations.retain(|key, _| !SYSTEM_ANNOTATIONS.contains(&key.as_str()));
    object["metadata"] = to_value(side, &applied)?;
    without_status(&mut object);
    // Of what says nothing but its name, all that can be asked is that it is there. To apply it would be a write each
    // time: nothing in it is anybody's.
    if object.as_object().is_some_and(|object| object.len() == 3)
        && applied.labels.is_empty()
        && applied.annotations.is_empty()
    {
        return Ok(Write::Create { target: target.clone(), body: object });
    }
    Ok(Write::Apply { target: target.clone(), body: object, manager: rules.manager.into() })
}

/// What a merge patch starts from where there is no copy yet.
fn translated(syncer: &Syncer, source: &Object, origin: &Metadata) -> Result<Value, Refusal> {
    let side = syncer.direction().source();
    let mut value = parse(side, &source.json)?;
    let metadata = match side {
        Side::Virtual => syncer.translator.metadata_down(syncer.gvk(), origin, None),
        Side::Physical => syncer.translator.metadata_up(syncer.gvk(), origin, None),
    };
    value["metadata"] = to_value(side, &metadata)?;
    Ok(value)
}

/// The least write that makes `desired` of `current`. The status is the status intent's: it stays.
fn change(
    target: Target,
    object: Option<&Object>,
    current: Option<Value>,
    mut desired: Value,
) -> Result<Option<Write>, Refusal> {
    match current.as_ref().and_then(|value| value.get("status")) {
        Some(status) => desired["status"] = status.clone(),
        None => without_status(&mut desired),
    }
    tidy(&mut desired);
    Ok(match (object, current) {
        (Some(object), Some(mut value)) => {
            tidy(&mut value);
            let read = Read::from(object);
            diff(&value, &desired).map(|patch| Write::Patch { target, read, patch, desired, status: false })
        }
        _ => Some(Write::Create { target, body: desired }),
    })
}

fn without_status(object: &mut Value) {
    if let Some(object) = object.as_object_mut() {
        object.remove("status");
    }
}
