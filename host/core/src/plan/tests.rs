//! What becomes of a plugin's answer.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::grants::Grant;
use crate::key::{Direction, Gvk, Key};
use crate::object::Object;
use crate::patch::merge;
use crate::registration;
use crate::translate::{Metadata, Translator};
use crate::watch::WatchEvent;
use serde_json::Value;

/// A syncer of ConfigMaps `p/s` for the virtual cluster `vc` in `ns`.
struct Case {
    syncer: Syncer,
    grants: Grants,
    limits: Limits,
}

impl Case {
    fn new(direction: Direction) -> Self {
        let kind = json!({ "group": "", "version": "v1", "kind": "ConfigMap" });
        let mut registered = json!({ "name": "s", "kind": kind, "direction": direction });
        if direction == Direction::Up {
            registered["names"] = json!({ "map": { "/*": "d/*" } });
        }
        let registered: registration::Syncer = serde_json::from_value(registered).unwrap();
        let translator = Translator::new("vc", "ns").unwrap();
        let syncer = Syncer::new(registered, "p", Arc::new(translator));
        Self { syncer, grants: Grants::default(), limits: Limits::default() }
    }

    fn down() -> Self {
        Self::new(Direction::Down)
    }

    fn granted(self, grants: Value) -> Self {
        Self { grants: Grants(serde_json::from_value::<Vec<Grant>>(grants).unwrap()), ..self }
    }

    fn rules(&self) -> Rules<'_> {
        Rules { grants: &self.grants, limits: &self.limits, manager: "p", watched: None }
    }

    fn plan(&self, pair: &Pair, intents: &[Intent]) -> Result<Plan, Refusal> {
        plan(self.rules(), &self.syncer, pair, intents)
    }

    fn object(&self, value: &Value) -> Arc<Object> {
        Arc::new(Object::parse(self.syncer.gvk(), &value.to_string()).unwrap())
    }

    /// Virtual `d/a` with this data, and its copy if there is one.
    fn pair(&self, virtual_: &Value, copy: Option<&Value>) -> Pair {
        let key = Key::namespaced("d", "a");
        Pair {
            direction: Direction::Down,
            physical_key: self.syncer.translator.physical_key(&key),
            key,
            virtual_: Some(self.object(virtual_)),
            physical: copy.map(|copy| self.object(copy)),
            settled: None,
        }
    }

    /// The copy that a virtual object leads to, as an API server would show it.
    fn copy(&self, virtual_: &Value) -> Value {
        let metadata = Metadata::of(&virtual_.to_string()).unwrap();
        let mut copy = virtual_.clone();
        let translated = self.syncer.translator.metadata_down(self.syncer.gvk(), &metadata, None);
        copy["metadata"] = serde_json::to_value(translated).unwrap();
        copy["metadata"]["annotations"]["vcluster.loft.sh/object-syncer"] = json!("p/s");
        copy["metadata"]["uid"] = json!("p");
        copy["metadata"]["resourceVersion"] = json!("9");
        copy
    }
}

fn virtual_(data: Value) -> Value {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "data": data,
        "metadata": { "name": "a", "namespace": "d", "uid": "v", "resourceVersion": "1", "labels": { "app": "x" } } })
}

fn whole(value: &Value) -> Intent {
    Intent::Desire(Side::Physical, Body::Whole(value.to_string()))
}

#[test]
fn a_missing_copy_is_created_under_its_own_name_whatever_the_plugin_calls_it() {
    let case = Case::down();
    let virtual_ = virtual_(json!({"k": "v"}));
    let asked =
        json!({ "metadata": { "name": "x", "namespace": "kube-system" }, "data": {"k": "v"}, "status": {"s": 1} });
    let plan = case.plan(&case.pair(&virtual_, None), &[whole(&asked)]).unwrap();
    let [Write::Create { target, body }] = &plan.writes[..] else { panic!("{plan:?}") };
    assert_eq!(target.to_string(), "physical v1 ConfigMap ns/a-x-d-x-vc");
    assert_eq!(body["metadata"]["name"], "a-x-d-x-vc");
    assert_eq!(body["metadata"]["namespace"], "ns");
    assert_eq!((&body["kind"], &body["data"], body.get("status")), (&json!("ConfigMap"), &json!({"k": "v"}), None));
}

#[test]
fn an_update_is_the_least_patch_of_the_object_that_was_read() {
    let case = Case::down();
    let old = virtual_(json!({"a": "1", "b": "2"}));
    let copy = case.copy(&old);
    let pair = case.pair(&old, Some(&copy));
    let mut asked = copy.clone();
    asked["data"] = json!({"a": "1", "c": "3"});
    let plan = case.plan(&pair, &[whole(&asked)]).unwrap();
    let [Write::Patch { read, patch, status: false, .. }] = &plan.writes[..] else { panic!("{plan:?}") };
    assert_eq!((&*read.uid, read.version.as_str()), ("p", "9"));
    assert_eq!(*patch, json!({"data": {"b": null, "c": "3"}}));
}

#[test]
fn a_merge_patch_and_fields_start_from_what_stands_there_or_from_the_translation() {
    let case = Case::down();
    let old = virtual_(json!({"a": "1"}));
    let patch = Intent::Desire(Side::Physical, Body::MergePatch(r#"{"data":{"b":"2"}}"#.into()));
    let fields = Intent::Desire(Side::Physical, Body::Fields(vec![("/data".into(), Some(r#"{"b":"2"}"#.into()))]));

    for (intent, data) in [(&patch, json!({"a": "1", "b": "2"})), (&fields, json!({"b": "2"}))] {
        let made = case.plan(&case.pair(&old, None), std::slice::from_ref(intent)).unwrap();
        let [Write::Create { body, .. }] = &made.writes[..] else { panic!("{made:?}") };
        assert_eq!((&body["data"], &body["metadata"]["labels"]["app"]), (&data, &json!("x")));
        let changed = case.plan(&case.pair(&old, Some(&case.copy(&old))), std::slice::from_ref(intent)).unwrap();
        let [Write::Patch { desired, .. }] = &changed.writes[..] else { panic!("{changed:?}") };
        assert_eq!(desired["data"], data);
    }
}

#[test]
fn nothing_changed_is_nothing_written() {
    let case = Case::down();
    let virtual_ = virtual_(json!({"k": "v"}));
    let copy = case.copy(&virtual_);
    let mut same = copy.clone();
    same["binaryData"] = json!({});
    same["immutable"] = Value::Null;
    for asked in [whole(&copy), whole(&same), Intent::Desire(Side::Physical, Body::MergePatch("{}".into()))] {
        assert_eq!(case.plan(&case.pair(&virtual_, Some(&copy)), &[asked]).unwrap(), Plan::default());
    }
}

#[test]
fn a_status_is_written_to_its_own_subresource() {
    let case = Case::down();
    let virtual_ = virtual_(json!({}));
    let pair = case.pair(&virtual_, Some(&case.copy(&virtual_)));
    let body = Body::MergePatch(r#"{"status":{"ready":true},"data":{"not":"this"}}"#.into());
    let plan = case.plan(&pair, &[Intent::DesireStatus(Side::Physical, body)]).unwrap();
    let [Write::Patch { patch, status: true, .. }] = &plan.writes[..] else { panic!("{plan:?}") };
    assert_eq!(*patch, json!({"status": {"ready": true}}));
}

#[test]
fn one_intent_that_is_refused_refuses_them_all() {
    let case = Case::down();
    let virtual_ = virtual_(json!({}));
    let good = || whole(&json!({ "metadata": { "name": "x" }, "data": {"k": "v"} }));
    let target =
        Target { side: Side::Physical, gvk: case.syncer.gvk().clone(), key: Key::namespaced("ns", "a-x-d-x-vc") };
    let body = |text: &str| Intent::Desire(Side::Physical, Body::Whole(text.into()));
    let deep = format!(r#"{{"metadata":{{"name":"a"}},"data":{}1{}}}"#, "[".repeat(500), "]".repeat(500));
    for (bad, said) in [
        (
            Intent::Desire(Side::Virtual, Body::Whole("{}".into())),
            "update virtual v1 ConfigMap d/a, which it is not granted",
        ),
        (Intent::DesireStatus(Side::Virtual, Body::Whole("{}".into())), "not granted"),
        (Intent::Remove(Side::Virtual), "delete virtual v1 ConfigMap d/a, which it is not granted"),
        (Intent::Apply(target.clone(), Body::Whole("{}".into())), "create physical v1 ConfigMap ns/a-x-d-x-vc"),
        (Intent::Delete(target), "delete physical v1 ConfigMap ns/a-x-d-x-vc"),
        (Intent::DesireStatus(Side::Physical, Body::Whole("{}".into())), "counterpart does not exist"),
        (body("{"), "not JSON (line 1, column 1)"),
        (body("[]"), "no JSON object"),
        (body("{\"metadata\":{\"name\":\"a\"},\"data\":1e999}"), "not JSON"),
        (body(&deep), "not JSON"),
        (body(r#"{"kind":"Secret","metadata":{"name":"a"}}"#), "is a v1 Secret; it should be a v1 ConfigMap"),
        (body(r#"{"kind":7,"metadata":{"name":"a"}}"#), "is a v1 7"),
        (body(r#"{"metadata":{}}"#), "no metadata.name"),
        (body(r#"{"metadata":{"name":"a","labels":{"secret":7}}}"#), "a field has a wrong type"),
        (Intent::Desire(Side::Physical, Body::Fields(vec![("data".into(), None)])), "no place \"data\""),
        (good(), "asked twice for the physical object"),
    ] {
        let error = case.plan(&case.pair(&virtual_, None), &[good(), bad.clone()]).unwrap_err().to_string();
        assert!(error.contains(said), "{bad:?}: {error}");
    }
    let many = vec![Intent::Requeue(1); case.limits.intents + 1];
    let error = case.plan(&case.pair(&virtual_, None), &many).unwrap_err();
    assert_eq!(error, Refusal::TooMany { asked: 65, limit: 64 });
}

#[test]
fn a_copy_of_what_is_gone_is_refused_and_may_be_removed() {
    let case = Case::down();
    let virtual_ = virtual_(json!({}));
    let copy = case.copy(&virtual_);
    let orphan = Pair { virtual_: None, ..case.pair(&virtual_, Some(&copy)) };
    assert_eq!(case.plan(&orphan, &[whole(&copy)]), Err(Refusal::NoCounterpart("physical".into())));
    let plan = case.plan(&orphan, &[Intent::Remove(Side::Physical)]).unwrap();
    let [Write::Delete { read, .. }] = &plan.writes[..] else { panic!("{plan:?}") };
    assert_eq!((&*read.uid, read.version.as_str()), ("p", "9"));
}

#[test]
fn a_requeue_has_a_floor_and_the_earliest_counts() {
    let case = Case::down();
    let pair = case.pair(&virtual_(json!({})), None);
    let plan = case.plan(&pair, &[Intent::Requeue(60_000), Intent::Requeue(0)]).unwrap();
    assert_eq!(plan.requeue, Some(1_000));
}

#[test]
fn what_is_copied_is_changed_where_a_grant_allows_it_and_keeps_its_identity() {
    let case = Case::down().granted(json!([{ "side": "virtual", "kind": "ConfigMap", "verbs": ["update", "status"] }]));
    let mut virtual_ = virtual_(json!({"k": "v"}));
    virtual_["metadata"]["labels"]["vcluster.loft.sh/controlled-by"] = json!("me");
    let pair = case.pair(&virtual_, Some(&case.copy(&virtual_)));
    let asked = json!({ "metadata": { "name": "other", "namespace": "other", "uid": "forged", "finalizers": ["x/y"],
        "ownerReferences": [{ "uid": "z" }], "labels": { "app": "y" },
        "annotations": { "note": "n", "vcluster.loft.sh/object-imported": "true" } }, "data": { "k": "w" }, "status": {} });
    let plan = case.plan(&pair, &[Intent::Desire(Side::Virtual, Body::Whole(asked.to_string()))]).unwrap();
    let [Write::Patch { target, patch, read, .. }] = &plan.writes[..] else { panic!("{plan:?}") };
    assert_eq!((target.to_string().as_str(), &*read.uid), ("virtual v1 ConfigMap d/a", "v"));
    let changed =
        json!({ "metadata": { "labels": { "app": "y" }, "annotations": { "note": "n" } }, "data": { "k": "w" } });
    assert_eq!(*patch, changed);
    let status = Intent::DesireStatus(Side::Virtual, Body::MergePatch(r#"{"status":{"ready":true}}"#.into()));
    assert!(matches!(&case.plan(&pair, &[status]).unwrap().writes[..], [Write::Patch { status: true, .. }]));
}

#[test]
fn a_copy_above_says_where_it_is_from_whatever_the_plugin_says() {
    let case = Case::new(Direction::Up);
    let physical = json!({ "kind": "ConfigMap", "apiVersion": "v1", "data": { "k": "v" },
        "metadata": { "name": "a", "namespace": "ns", "uid": "p", "resourceVersion": "9", "labels": { "app": "x" } } });
    let pair = Pair {
        direction: Direction::Up,
        physical_key: Key::namespaced("ns", "a"),
        physical: Some(case.object(&physical)),
        ..case.pair(&physical, None)
    };
    let pair = Pair { virtual_: None, ..pair };
    let asked = json!({ "metadata": { "name": "x", "namespace": "kube-system", "labels": { "app": "x" },
        "ownerReferences": [{ "uid": "z" }], "annotations": { "vcluster.loft.sh/object-host-name": "forged" } } });
    for body in [Body::Whole(asked.to_string()), Body::MergePatch("{}".into())] {
        let plan = case.plan(&pair, &[Intent::Desire(Side::Virtual, body)]).unwrap();
        let [Write::Create { target, body }] = &plan.writes[..] else { panic!("{plan:?}") };
        assert_eq!(target.to_string(), "virtual v1 ConfigMap d/a");
        let metadata = json!({ "name": "a", "namespace": "d", "labels": { "app": "x" }, "annotations": {
            "vcluster.loft.sh/object-imported": "true", "vcluster.loft.sh/object-syncer": "p/s",
            "vcluster.loft.sh/object-host-name": "a", "vcluster.loft.sh/object-host-namespace": "ns",
            "vcluster.loft.sh/object-kind": "/v1, Kind=ConfigMap", "vcluster.loft.sh/object-uid": "p" } });
        assert_eq!(body["metadata"], metadata);
    }
    let below = case.plan(&pair, &[Intent::Desire(Side::Physical, Body::MergePatch("{}".into()))]);
    assert_eq!(below, Err(Refusal::NotGranted("update physical v1 ConfigMap ns/a".into())));
}

#[test]
fn what_is_applied_is_granted_and_says_nothing_of_itself_that_is_the_runtimes() {
    let verbs = json!(["create", "update"]);
    let case = Case::down()
        .granted(json!([{ "side": "virtual", "kind": "ConfigMap", "verbs": verbs, "namespaces": ["made"] }]));
    let target = |name: &str| Target {
        side: Side::Virtual,
        gvk: Gvk::new("", "v1", "ConfigMap"),
        key: Key::namespaced(name, "c"),
    };
    let body = json!({ "metadata": { "name": "other", "namespace": "other", "uid": "u", "ownerReferences": [{}],
        "labels": { "vcluster.loft.sh/managed-by": "vc", "a": "b" }, "annotations": { "vcluster.loft.sh/object-name": "x" } },
        "data": { "k": "v" }, "status": {} });
    let apply = |name: &str| Intent::Apply(target(name), Body::Whole(body.to_string()));
    let plan = plan_init(case.rules(), &[apply("made")]).unwrap();
    let [Write::Apply { body: object, manager, .. }] = &plan.writes[..] else { panic!("{plan:?}") };
    let applied = json!({ "apiVersion": "v1", "kind": "ConfigMap", "data": { "k": "v" },
        "metadata": { "name": "c", "namespace": "made", "labels": { "a": "b" } } });
    assert_eq!((object, manager.as_str()), (&applied, "p"));

    let refused = |intent| plan_init(case.rules(), &[apply("made"), intent]).unwrap_err().to_string();
    for (intent, said) in [
        (apply("kube-system"), "create virtual v1 ConfigMap kube-system/c, which it is not granted"),
        (Intent::Apply(target("made"), Body::MergePatch("{}".into())), "give the whole object"),
        (Intent::Delete(target("made")), "another object to be deleted"),
        (Intent::Desire(Side::Physical, Body::Whole("{}".into())), "only what is applied"),
        (Intent::Requeue(1), "only what is applied"),
        (apply("made"), "asked twice"),
    ] {
        let error = refused(intent);
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn a_copy_without_the_mark_gets_it_though_nothing_else_is_asked_for() {
    let case = Case::down();
    let virtual_ = virtual_(json!({}));
    for mark in [json!(""), json!("old/name")] {
        let mut copy = case.copy(&virtual_);
        copy["metadata"]["annotations"]["vcluster.loft.sh/object-syncer"] = mark;
        let plan = case.plan(&case.pair(&virtual_, Some(&copy)), &[]).unwrap();
        let [Write::Patch { patch, .. }] = &plan.writes[..] else { panic!("{plan:?}") };
        assert_eq!(*patch, json!({ "metadata": { "annotations": { "vcluster.loft.sh/object-syncer": "p/s" } } }));
    }
}

proptest! {
    /// Whatever text a plugin returns, there is an answer; and what is written is where it belongs, with our markers.
    #[test]
    fn no_answer_panics_or_escapes(text in "\\PC*", name in "[a-z]{0,3}", namespace in "[a-z]{0,3}", marker in "[a-z]{0,3}") {
        let case = Case::down();
        let virtual_ = virtual_(json!({"k": "v"}));
        let forged = json!({ "metadata": { "name": name, "namespace": namespace, "uid": "x",
            "labels": { "vcluster.loft.sh/managed-by": marker }, "annotations": { "vcluster.loft.sh/object-name": marker } } });
        for copy in [None, Some(case.copy(&virtual_))] {
            let pair = case.pair(&virtual_, copy.as_ref());
            for body in [Body::Whole(text.clone()), Body::MergePatch(text.clone()), Body::Whole(forged.to_string()),
                Body::MergePatch(forged.to_string()), Body::Fields(vec![(text.clone(), Some("1".into()))])] {
                let Ok(plan) = case.plan(&pair, &[Intent::Desire(Side::Physical, body)]) else { continue };
                for write in &plan.writes {
                    prop_assert_eq!(&write.target().key, &pair.physical_key);
                    let (Write::Create { body: object, .. } | Write::Patch { desired: object, .. }) = write else { continue };
                    prop_assert_eq!(&object["metadata"]["name"], "a-x-d-x-vc");
                    prop_assert_eq!(&object["metadata"]["namespace"], "ns");
                    prop_assert_eq!(&object["metadata"]["labels"]["vcluster.loft.sh/managed-by"], "vc");
                    prop_assert_eq!(&object["metadata"]["annotations"]["vcluster.loft.sh/object-name"], "a");
                }
            }
        }
    }

    /// What is written makes of what stands there what was asked for, and asking again writes nothing.
    #[test]
    fn a_plan_settles(from in prop::collection::btree_map("[a-d]", "[x-z]{0,2}", 0..4), to in prop::collection::btree_map("[a-d]", "[x-z]{0,2}", 0..4)) {
        let case = Case::down();
        let virtual_ = virtual_(json!(from));
        let copy = case.copy(&virtual_);
        let mut asked = copy.clone();
        asked["data"] = json!(to);
        let plan = case.plan(&case.pair(&virtual_, Some(&copy)), &[whole(&asked)]).unwrap();
        let mut stored = copy.clone();
        for write in &plan.writes {
            let Write::Patch { patch, .. } = write else { panic!("{write:?}") };
            merge(&mut stored, patch.clone());
        }
        prop_assert_eq!(plan.writes.is_empty(), from == to);
        prop_assert_eq!(case.plan(&case.pair(&virtual_, Some(&stored)), &[whole(&asked)]).unwrap(), Plan::default());
    }
}

#[test]
fn another_object_is_deleted_as_a_watch_of_the_syncer_shows_it() {
    let asked = Case::down().granted(json!([{ "side": "virtual", "kind": "Pod", "verbs": ["delete"] }]));
    let pod =
        |name: &str| Target { side: Side::Virtual, gvk: Gvk::new("", "v1", "Pod"), key: Key::namespaced("d", name) };
    let kind = json!({ "group": "", "version": "v1", "kind": "Pod" });
    let watch = serde_json::from_value(json!({ "name": "w", "side": "virtual", "kind": kind })).unwrap();
    let mut watched = Watched::new(&[watch]);
    for (name, more) in [("a", json!({})), ("going", json!({ "deletionTimestamp": "2026-01-01T00:00:00Z" }))] {
        let mut metadata = json!({ "name": name, "namespace": "d", "uid": name, "resourceVersion": "7" });
        metadata.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let object = Object::parse(&pod(name).gvk, &json!({ "metadata": metadata }).to_string()).unwrap();
        watched.take(0, &WatchEvent::Applied(Arc::new(object)));
    }
    let pair = asked.pair(&virtual_(json!({})), None);
    let delete = |target: Target, watched: Option<&Watched>| {
        plan(Rules { watched, ..asked.rules() }, &asked.syncer, &pair, &[Intent::Delete(target)])
            .map(|plan| plan.writes)
    };
    let read = Read { uid: "a".into(), version: "7".into() };
    assert_eq!(delete(pod("a"), Some(&watched)), Ok(vec![Write::Delete { target: pod("a"), read }]));
    assert_eq!(delete(pod("going"), Some(&watched)), Ok(vec![]));
    assert_eq!(delete(pod("gone"), Some(&watched)), Ok(vec![]));
    for unseen in [None, Some(&Watched::default())] {
        assert_eq!(delete(pod("a"), unseen), Err(Refusal::NotWatched("virtual v1 Pod d/a".into())));
    }
    let below = Target { side: Side::Physical, ..pod("a") };
    assert_eq!(delete(below, Some(&watched)), Err(Refusal::NotGranted("delete physical v1 Pod d/a".into())));
}
