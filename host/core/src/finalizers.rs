//! Finalizers of either half hold the other, so that neither goes before its controllers are done.
//!
//! Each half says in an annotation which of its finalizers came from the other side; the rest are its own. What is a
//! half's own is brought to the other, and what came from the other goes when it went there. So nothing needs to be
//! remembered, and a half that is gone holds nothing.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::key::Side;
use crate::markers::SYNCED_FINALIZERS;
use crate::object::Object;
use crate::pair::Pair;
use crate::patch::merge;
use crate::syncer::Syncer;
use crate::write::{Read, Write};

type Names = BTreeSet<String>;

/// The finalizers of one half.
#[derive(Debug)]
struct Held {
    all: Names,
    /// Those that came from the other side.
    synced: Names,
}

impl Held {
    fn of(object: &Object) -> Self {
        #[derive(Deserialize)]
        struct Top {
            metadata: Metadata,
        }
        #[derive(Deserialize)]
        struct Metadata {
            #[serde(default)]
            finalizers: Option<Names>,
            #[serde(default)]
            annotations: Option<serde_json::Map<String, Value>>,
        }
        let Ok(Top { metadata }) = serde_json::from_str(&object.json) else {
            return Self { all: Names::new(), synced: Names::new() };
        };
        let all = metadata.finalizers.unwrap_or_default();
        let said = metadata.annotations.as_ref().and_then(|all| all.get(SYNCED_FINALIZERS)).and_then(Value::as_str);
        let synced = said.unwrap_or_default().lines().filter(|line| all.contains(*line)).map(Into::into).collect();
        Self { all, synced }
    }

    fn own(&self) -> Names {
        self.all.difference(&self.synced).cloned().collect()
    }
}

/// What brings the finalizers of both halves to each other: at most one change for each.
pub fn writes(pair: &Pair, syncer: &Syncer) -> Vec<Write> {
    let held = |side| pair.half(side).map(|object| Held::of(object));
    let [virtual_, physical] = Side::BOTH.map(held);
    let halves = [(Side::Virtual, &virtual_, &physical), (Side::Physical, &physical, &virtual_)];
    halves
        .into_iter()
        .filter_map(|(side, mine, other)| {
            let (object, mine) = (pair.half(side)?, mine.as_ref()?);
            let own = mine.own();
            let mut synced: Names = other.as_ref().map(Held::own).unwrap_or_default();
            synced.retain(|name| !own.contains(name));
            if object.deleting {
                // An API server adds none any more. And a copy that is deleted while its source stays is not held for
                // it: it comes back when it is gone.
                let stays = pair.half(side.other()).is_some_and(|other| !other.deleting);
                let released = side == pair.direction.copy() && stays;
                synced.retain(|name| mine.synced.contains(name) && !released);
            }
            change(pair, syncer, side, object, mine, &own, &synced)
        })
        .collect()
}

fn change(
    pair: &Pair,
    syncer: &Syncer,
    side: Side,
    object: &Object,
    mine: &Held,
    own: &Names,
    synced: &Names,
) -> Option<Write> {
    if mine.synced == *synced {
        return None;
    }
    let all: Vec<&String> = own.union(synced).collect();
    let lines = synced.iter().map(String::as_str).collect::<Vec<_>>().join("\n");
    let said = if synced.is_empty() { Value::Null } else { lines.into() };
    let patch = json!({ "metadata": { "finalizers": all, "annotations": { SYNCED_FINALIZERS: said } } });
    let mut desired: Value = serde_json::from_str(&object.json).ok()?;
    merge(&mut desired, patch.clone());
    let target = pair.target(side, syncer.gvk());
    Some(Write::Patch { target, read: Read::from(object), patch, desired, status: false })
}

#[cfg(test)]
mod tests;
