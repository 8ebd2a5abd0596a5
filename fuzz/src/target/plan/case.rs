//! A pair, and what a plugin answers about it.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use sluice_core::grants::Grant;
use sluice_core::intent::{Body, Intent, Note};
use sluice_core::key::{Direction, Gvk, Key, Side, Target};
use sluice_core::object::Object;
use sluice_core::pair::Pair;
use sluice_core::patch::merge;
use sluice_core::registration::{self, Watch};
use sluice_core::syncer::Syncer;
use sluice_core::translate::{Metadata, Owner, Translator};
use sluice_core::watch::WatchEvent;
use sluice_core::watched::Watched;

/// An input.
#[derive(Deserialize)]
pub(super) struct Case {
    #[serde(default)]
    direction: Direction,
    #[serde(default)]
    owned: bool,
    /// The object that is copied. Its name and namespace are `a` and `d`, or `a` and `ns` below.
    source: Option<Value>,
    /// A merge patch to the copy as it should be; without one there is no copy.
    copy: Option<Value>,
    #[serde(default)]
    grants: Vec<Value>,
    /// Virtual Pods that a watch shows.
    #[serde(default)]
    watched: Vec<Value>,
    #[serde(default)]
    intents: Vec<Said>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Said {
    Desire(Side, Text),
    Status(Side, Text),
    Remove(Side),
    Apply(Place, Text),
    Delete(Place),
    Event(String, String),
    Requeue(u32),
}

#[derive(Deserialize)]
struct Place {
    side: Side,
    gvk: Gvk,
    namespace: Option<String>,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Text {
    Whole(Box<RawValue>),
    Merge(Box<RawValue>),
    Fields(Vec<(String, Option<Box<RawValue>>)>),
}

/// What is planned for.
pub(super) struct Stage {
    pub(super) syncer: Syncer,
    pub(super) pair: Pair,
    /// Whether there is an owner for all copies.
    pub(super) owned: bool,
    pub(super) grants: Vec<Grant>,
    pub(super) watched: Watched,
    pub(super) intents: Vec<Intent>,
}

impl Case {
    /// None if its objects are none.
    pub(super) fn stage(&self) -> Option<Stage> {
        let gvk = Gvk::new("example.com", "v1", "Car");
        let owner = self.owned.then(|| Owner { uid: "owner".into() });
        let translator = Translator::new("vc", "ns").ok()?.owned_by(owner);
        let mut registered = json!({ "name": "s", "kind": gvk, "direction": self.direction });
        if self.direction == Direction::Up {
            registered["names"] = json!({ "map": { "/*": "d/*" } });
        }
        let registered: registration::Syncer = serde_json::from_value(registered).ok()?;
        let syncer = Syncer::new(registered, "p", Arc::new(translator));

        let key = Key::namespaced("d", "a");
        let up = self.direction == Direction::Up;
        let physical_key = if up { Key::namespaced("ns", "a") } else { syncer.translator.physical_key(&key) };
        let mut pair =
            Pair { direction: self.direction, key, physical_key, virtual_: None, physical: None, settled: None };
        let (source, copy) = (self.direction.source(), self.direction.copy());
        let standing = |side: Side, value: &Value| {
            let mut value = value.clone();
            let place = pair.target(side, &gvk).key;
            value.get_mut("metadata")?.as_object_mut()?.insert("name".into(), (*place.name).into());
            value["metadata"]["namespace"] = place.namespace.as_deref().into();
            // What every object has. A kind that is another is never shown by its watch.
            for (field, text) in [("uid", "u"), ("resourceVersion", "7")] {
                if value["metadata"][field].as_str().is_none_or(str::is_empty) {
                    value["metadata"][field] = text.into();
                }
            }
            (value["apiVersion"], value["kind"]) = (gvk.api_version().into(), gvk.kind.as_str().into());
            Object::parse(&gvk, &value.to_string()).ok().map(Arc::new)
        };
        let from = match &self.source {
            Some(value) if self.direction != Direction::Virtual => Some(standing(source, value)?),
            _ => None,
        };
        let to = match &self.copy {
            Some(patch) => Some(standing(copy, &copied(&syncer, from.as_deref(), patch)?)?),
            None => None,
        };
        (pair.virtual_, pair.physical) = if source == Side::Virtual { (from, to) } else { (to, from) };
        let grants = self.grants.iter().filter_map(|grant| serde_json::from_value(grant.clone()).ok()).collect();
        let intents = self.intents.iter().map(intent).collect();
        Some(Stage { owned: self.owned, syncer, pair, grants, watched: self.watched(), intents })
    }

    fn watched(&self) -> Watched {
        let pod = Gvk::new("", "v1", "Pod");
        let watch = serde_json::from_value::<Watch>(json!({ "name": "w", "side": "virtual", "kind": pod }));
        let mut watched = Watched::new(watch.ok().as_slice());
        for object in &self.watched {
            if let Ok(object) = Object::parse(&pod, &json!({ "metadata": object }).to_string()) {
                watched.take(0, &WatchEvent::Applied(Arc::new(object)));
            }
        }
        watched
    }
}

/// The copy that a source leads to, changed.
fn copied(syncer: &Syncer, from: Option<&Object>, patch: &Value) -> Option<Value> {
    let gvk = syncer.gvk();
    let metadata = from.map(|from| Metadata::of(&from.json)).transpose().ok()?.unwrap_or_default();
    let made = match syncer.direction() {
        Direction::Down => syncer.translator.metadata_down(gvk, &metadata, None),
        Direction::Up => {
            let place = Key::namespaced("d", "a");
            syncer.translator.stamp_up(gvk, &metadata, &place, None, metadata.clone())
        }
        Direction::Virtual => Metadata::default(),
    };
    let mut value = from.map_or(Ok(json!({})), |from| serde_json::from_str(&from.json)).ok()?;
    value["metadata"] = serde_json::to_value(made).ok()?;
    value["metadata"]["uid"] = "copy".into();
    merge(&mut value, patch.clone());
    value.get("metadata").is_some_and(Value::is_object).then_some(value)
}

fn body(text: &Text) -> Body {
    // In quotes stands what is to be no JSON.
    let said = |raw: &RawValue| serde_json::from_str::<String>(raw.get()).unwrap_or_else(|_| raw.get().to_owned());
    match text {
        Text::Whole(raw) => Body::Whole(said(raw)),
        Text::Merge(raw) => Body::MergePatch(said(raw)),
        Text::Fields(fields) => Body::Fields(
            fields.iter().map(|(at, raw)| (at.clone(), raw.as_ref().map(|raw| raw.get().to_owned()))).collect(),
        ),
    }
}

fn intent(said: &Said) -> Intent {
    let target = |place: &Place| {
        let key = Key { namespace: place.namespace.as_deref().map(Into::into), name: place.name.as_str().into() };
        Target { side: place.side, gvk: place.gvk.clone(), key }
    };
    match said {
        Said::Desire(side, text) => Intent::Desire(*side, body(text)),
        Said::Status(side, text) => Intent::DesireStatus(*side, body(text)),
        Said::Remove(side) => Intent::Remove(*side),
        Said::Apply(place, text) => Intent::Apply(target(place), body(text)),
        Said::Delete(place) => Intent::Delete(target(place)),
        Said::Event(reason, message) => {
            Intent::Event(Note { warning: true, reason: reason.clone(), message: message.clone() })
        }
        Said::Requeue(after) => Intent::Requeue(*after),
    }
}
