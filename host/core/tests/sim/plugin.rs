//! What the tutorial's plugins answer.

use serde_json::{Value, json};
use sluice_core::intent::{Body, Intent};
use sluice_core::key::{Direction, Side};
use sluice_core::object::Object;
use sluice_core::pair::Pair;
use sluice_core::syncer::Syncer;
use sluice_core::translate::Metadata;

/// The copy holds the data of its source, and the word that a watched object says; without a source it goes.
pub(crate) fn answer(syncer: &Syncer, pair: &Pair, word: Option<u8>) -> Vec<Intent> {
    if pair.direction == Direction::Virtual {
        return alone(pair);
    }
    let side = pair.direction.copy();
    let Some(source) = pair.half(pair.direction.source()) else { return vec![Intent::Remove(side)] };
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
    if let Some(word) = word {
        desired["data"]["word"] = json!(word.to_string());
    }
    vec![Intent::Desire(side, Body::Whole(desired.to_string()))]
}

/// What is virtual alone holds its name and, as soon as it stands, a status.
fn alone(pair: &Pair) -> Vec<Intent> {
    let data = json!({ "k": &*pair.key.name });
    let field = |pointer: &str, value: Value| Body::Fields(vec![(pointer.into(), Some(value.to_string()))]);
    match pair.virtual_ {
        None => {
            let whole = json!({ "metadata": { "name": "another" }, "data": data });
            vec![Intent::Desire(Side::Virtual, Body::Whole(whole.to_string()))]
        }
        Some(_) => vec![
            Intent::Desire(Side::Virtual, field("/data", data)),
            Intent::DesireStatus(Side::Virtual, field("/status", json!({ "ready": "yes" }))),
        ],
    }
}
