//! What the tutorial's plugins answer.

use serde_json::Value;
use sluice_core::intent::{Body, Intent};
use sluice_core::key::Side;
use sluice_core::object::Object;
use sluice_core::pair::Pair;
use sluice_core::syncer::Syncer;
use sluice_core::translate::Metadata;

/// The copy holds the data of its source; without a source it goes.
pub(crate) fn answer(syncer: &Syncer, pair: &Pair) -> Intent {
    let side = pair.direction.copy();
    let Some(source) = pair.half(pair.direction.source()) else { return Intent::Remove(side) };
    let parse = |object: &Object| serde_json::from_str::<Value>(&object.json).expect("JSON");
    let metadata = |object: &Object| Metadata::of(&object.json).expect("metadata");
    let copy = pair.half(side);
    let (origin, standing) = (metadata(source), copy.map(|copy| metadata(copy)));
    let translated = match side {
        Side::Physical => syncer.translator.metadata_down(syncer.gvk(), &origin, standing.as_ref()),
        Side::Virtual => syncer.translator.metadata_up(syncer.gvk(), &origin, standing.as_ref()),
    };
    let mut desired = parse(copy.unwrap_or(source));
    desired["metadata"] = serde_json::to_value(translated).expect("JSON");
    desired["data"] = parse(source)["data"].clone();
    Intent::Desire(side, Body::Whole(desired.to_string()))
}
