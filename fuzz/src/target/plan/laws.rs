//! What holds for every plan, whatever a plugin answered.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use sluice_core::grants::Verb;
use sluice_core::intent::Intent;
use sluice_core::key::{Direction, Key, Side, Target};
use sluice_core::markers::{MANAGED_BY, NAMESPACE, PREFIX, SYNCER, SYSTEM_ANNOTATIONS};
use sluice_core::object::Object;
use sluice_core::patch::merge;
use sluice_core::plan::Plan;
use sluice_core::translate::Metadata;
use sluice_core::write::{Read, Write};

use super::case::Stage;

/// What a plugin decides of metadata.
const CONTENT: [&str; 2] = ["labels", "annotations"];

impl Stage {
    /// Whether it is granted, read off the grants anew.
    fn granted(&self, target: &Target, verb: Verb) -> bool {
        let one = |list: &BTreeSet<String>, name: Option<&str>| {
            list.is_empty() || name.is_some_and(|name| list.contains(name))
        };
        self.grants.iter().any(|grant| {
            (grant.side, &*grant.group, &*grant.kind) == (target.side, &*target.gvk.group, &*target.gvk.kind)
                && grant.verbs.contains(&verb)
                && one(&grant.namespaces, target.key.namespace.as_deref())
                && one(&grant.names, Some(&target.key.name))
        })
    }

    fn target(&self, side: Side) -> Target {
        self.pair.target(side, self.syncer.gvk())
    }

    fn may(&self, target: &Target, verb: Verb) {
        assert!(self.granted(target, verb), "{verb} {target} without a grant: {:?}", self.grants);
    }
}

/// All laws of a plan for a pair.
pub(super) fn hold(stage: &Stage, plan: &Plan, requeue: u32) {
    assert!(plan.writes.len() <= stage.intents.len() + 1, "more writes than intents");
    assert!(plan.requeue.is_none_or(|after| after >= requeue), "called again too soon");
    let copy = stage.target(stage.pair.direction.copy());
    let source = stage.target(stage.pair.direction.source());
    for (at, write) in plan.writes.iter().enumerate() {
        let status = |write: &Write| matches!(write, Write::Patch { status: true, .. });
        let twice = |other: &Write| other.target() == write.target() && status(other) == status(write);
        assert!(!plan.writes[at + 1..].iter().any(twice), "{} is written twice", write.target());
        let other = |intent: &Intent| matches!(intent, Intent::Apply(target, _) | Intent::Delete(target) if target == write.target());
        match write {
            Write::Apply { target, body, manager } => {
                assert_eq!(manager, "p");
                applied(stage, target, body);
            }
            Write::Create { target, body } if *target != copy || stage.intents.iter().any(other) => {
                if *target == copy && !stage.granted(target, Verb::Create) {
                    created(stage, target, body)
                } else {
                    applied(stage, target, body)
                }
            }
            Write::Create { target, body } => created(stage, target, body),
            Write::Patch { target, read, patch, desired, status } => {
                let half = stage.pair.half(target.side).filter(|_| *target == copy || *target == source);
                let half = half.expect("what is patched is a half of the pair");
                assert_eq!(*read, Read::from(&**half), "another is patched than was read");
                if *target == source {
                    stage.may(target, if *status { Verb::Status } else { Verb::Update });
                }
                patched(stage, target, half, patch, desired, *status);
            }
            Write::Delete { target, read } => {
                let half = stage.pair.half(target.side).filter(|_| *target == copy || *target == source);
                if *target != copy {
                    stage.may(target, Verb::Delete);
                }
                let seen = half.or_else(|| stage.watched.find(target).flatten()).expect("it was shown");
                assert!(!seen.deleting && (*read == Read::from(&**seen)), "another is deleted than was read");
            }
        }
    }
}

fn map<'v>(value: &'v Value, field: &str) -> Option<&'v Map<String, Value>> {
    value["metadata"][field].as_object()
}

fn has(value: &Value, field: &str, keys: &[&str]) -> bool {
    map(value, field).is_some_and(|map| map.keys().any(|key| keys.contains(&key.as_str())))
}

fn only(value: &Value, known: &[&str]) {
    let mut keys = value["metadata"].as_object().into_iter().flat_map(Map::keys);
    let more = keys.find(|key| !known.contains(&key.as_str()));
    assert_eq!(more, None, "metadata has more than a plugin may say");
}

/// An object other than the pair's.
fn applied(stage: &Stage, target: &Target, body: &Value) {
    stage.may(target, Verb::Create);
    stage.may(target, Verb::Update);
    is_at(body, target);
    only(body, &["name", "namespace", "labels", "annotations"]);
    assert!(!has(body, "labels", &[MANAGED_BY, NAMESPACE]), "it says it is a copy: {body}");
    assert!(!has(body, "annotations", &SYSTEM_ANNOTATIONS), "it has markers: {body}");
    assert!(body.get("status").is_none(), "it has a status");
}

fn is_at(object: &Value, target: &Target) {
    let Key { namespace, name } = &target.key;
    assert_eq!(object["metadata"]["name"].as_str(), Some(&**name), "the name is another");
    assert_eq!(object["metadata"]["namespace"].as_str(), namespace.as_deref(), "the namespace is another");
    assert_eq!(object["kind"], *target.gvk.kind, "the kind is another");
    assert_eq!(object["apiVersion"], *target.gvk.api_version(), "the version is another");
}

/// The pair's copy, or what is made alone.
fn created(stage: &Stage, target: &Target, body: &Value) {
    assert!(stage.pair.half(target.side).is_none(), "it is made, and it is there");
    only(body, &["name", "namespace", "labels", "annotations", "ownerReferences"]);
    assert!(body.get("status").is_none(), "it has a status");
    identified(stage, target, body);
    let owners = body["metadata"]["ownerReferences"].as_array().map_or(0, Vec::len);
    let owned = stage.owned(target);
    assert_eq!(owners, usize::from(owned), "it has other owners than the runtime's");
}

impl Stage {
    fn owned(&self, target: &Target) -> bool {
        self.owned && target.side == Side::Physical
    }
}

/// Its copy says what it is the copy of, and who keeps it.
fn identified(stage: &Stage, target: &Target, object: &Value) {
    is_at(object, target);
    let (gvk, translator) = (stage.syncer.gvk(), &stage.syncer.translator);
    let annotations = map(object, "annotations");
    let annotation = |key: &str| annotations.and_then(|map| map.get(key)).and_then(Value::as_str);
    assert_eq!(annotation(SYNCER), Some("p/s"), "it says another keeps it");
    let Some(source) = stage.pair.half(stage.pair.direction.source()) else { return };
    let stored = Object::parse(gvk, &object.to_string()).expect("what is written is an object");
    let origin = Metadata::of(&source.json).expect("metadata");
    let expected = match stage.pair.direction {
        Direction::Down => {
            assert_eq!(translator.origin(gvk, &stored), Some(stage.pair.key.clone()), "it leads to another source");
            if stage.owned(target) {
                let owners = object["metadata"]["ownerReferences"].as_array();
                assert!(owners.is_some_and(|all| all.iter().any(|one| one["uid"] == "owner")), "it has lost its owner");
            }
            translator.stamp(gvk, &origin, None, Metadata::default())
        }
        Direction::Up => {
            assert_eq!(translator.imported_from(gvk, &stored), Some(source.key.clone()), "it is from elsewhere");
            translator.stamp_up(gvk, &origin, &stage.pair.key, None, Metadata::default())
        }
        Direction::Virtual => return,
    };
    for key in SYSTEM_ANNOTATIONS.into_iter().filter(|key| !key.ends_with("synced-finalizers") && *key != SYNCER) {
        assert_eq!(annotation(key), expected.annotations.get(key).map(String::as_str), "marker {key}");
    }
    let labels = map(object, "labels");
    for key in [MANAGED_BY, NAMESPACE] {
        let label = labels.and_then(|map| map.get(key)).and_then(Value::as_str);
        assert_eq!(label, expected.labels.get(key).map(String::as_str), "label {key}");
    }
}

fn patched(stage: &Stage, target: &Target, half: &Object, patch: &Value, desired: &Value, status: bool) {
    let current: Value = serde_json::from_str(&half.json).expect("what was planned for is JSON");
    let mut after = current.clone();
    merge(&mut after, patch.clone());
    let fields = patch.as_object().expect("a patch is an object");
    assert!(!fields.is_empty(), "a patch of nothing");
    if status {
        assert!(fields.keys().eq(["status"]), "a status with more than that: {patch}");
        return;
    }
    assert!(!fields.contains_key("status"), "the status is another's: {patch}");
    is_at(&after, target);
    let copy = stage.pair.direction.copy();
    for (field, change) in patch["metadata"].as_object().into_iter().flatten() {
        let owned = field == "ownerReferences" && stage.owned(target) && change.is_array();
        assert!(CONTENT.contains(&&**field) || owned, "metadata.{field} is not a plugin's: {patch}");
    }
    if target.side == copy {
        identified(stage, target, &after);
        return identified(stage, target, desired);
    }
    for field in CONTENT {
        let ours = |value: &Value| -> Vec<(String, Value)> {
            let all = map(value, field).into_iter().flatten().filter(|(key, _)| key.starts_with(PREFIX));
            all.map(|(key, value)| (key.clone(), value.clone())).collect()
        };
        assert_eq!(ours(&after), ours(&current), "the markers of what is copied are not a plugin's");
    }
}

/// The plan of a plugin that starts.
pub(super) fn only_applies(stage: &Stage, plan: &Plan) {
    for write in &plan.writes {
        match write {
            Write::Apply { target, body, .. } | Write::Create { target, body } => applied(stage, target, body),
            other => panic!("a plugin that starts wants {other:?}"),
        }
    }
}
