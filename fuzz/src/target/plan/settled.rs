//! That writing comes to an end.

use std::sync::Arc;

use serde_json::Value;
use sluice_core::intent::{Body, Intent};
use sluice_core::key::Side;
use sluice_core::object::Object;
use sluice_core::patch::merge;
use sluice_core::plan::{Plan, Rules, plan};
use sluice_core::write::Write;

use super::case::Stage;

/// What was asked for whole is not asked for again when it is there.
pub(super) fn settles(rules: Rules<'_>, stage: &Stage, first: &Plan) {
    let whole = |intent: &Intent| matches!(intent, Intent::Desire(_, Body::Whole(_)) | Intent::Event(_));
    let [Write::Patch { target, patch, status: false, .. }] = &first.writes[..] else { return };
    let Some(half) = stage.pair.half(target.side).filter(|_| stage.intents.iter().all(whole)) else { return };
    let mut stored: Value = serde_json::from_str(&half.json).expect("JSON");
    merge(&mut stored, patch.clone());
    // As it comes back: printed, and read.
    let stored = Object::parse(&target.gvk, &stored.to_string()).expect("what was patched is an object");
    let mut pair = stage.pair.clone();
    let place = if target.side == Side::Virtual { &mut pair.virtual_ } else { &mut pair.physical };
    *place = Some(Arc::new(stored));
    let again = plan(rules, &stage.syncer, &pair, &stage.intents).expect("what was planned once is planned again");
    let left: Vec<_> = again.writes.iter().filter(|write| write.target() == target).collect();
    assert!(left.is_empty(), "it is never done: {patch} and then {left:?}");
}
