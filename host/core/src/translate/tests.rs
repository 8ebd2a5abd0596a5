//! Against vCluster's own results, and the laws that any two clusters rely on.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::metadata::Metadata;
use super::*;
use crate::markers::{CONTROLLED_BY, MANAGED_ANNOTATIONS, MANAGED_BY, NAMESPACE, OBJECT_NAME, SYSTEM_ANNOTATIONS};

fn config_map() -> Gvk {
    Gvk::new("", "v1", "ConfigMap")
}

fn translator(name: &str) -> Translator {
    Translator::new(name, "ns-1").unwrap()
}

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn metadata(value: serde_json::Value) -> Metadata {
    serde_json::from_value(value).unwrap()
}

fn object(metadata: &Metadata) -> Object {
    Object::parse(&config_map(), &json!({ "metadata": metadata }).to_string()).unwrap()
}

#[test]
fn places_are_vclusters() {
    let at = |name, key| translator(name).physical_key(&key);
    assert_eq!(
        at("vcluster", Key::namespaced("kube-system", "test")).to_string(),
        "ns-1/test-x-kube-system-x-vcluster"
    );
    assert_eq!(at("my-vcluster", Key::cluster("my-pc")).to_string(), "vcluster-my-pc-x-ns-1-x-my-vcluster");
}

#[test]
fn four_labels_are_rewritten_and_all_others_pass() {
    let virtual_ = pairs(&[("release", "a"), (NAMESPACE, "b"), (MANAGED_BY, "c"), (CONTROLLED_BY, "d"), ("app", "e")]);
    let down = translator("suffix").labels_down(&virtual_, Some("default"), &BTreeMap::new());
    let expected = pairs(&[
        ("vcluster.loft.sh/label-suffix-x-a4d451ec23", "a"),
        ("vcluster.loft.sh/label-suffix-x-101dcd4e86", "b"),
        ("vcluster.loft.sh/label-suffix-x-e5f1b28ab2", "c"),
        ("vcluster.loft.sh/label-suffix-x-2080cec00f", "d"),
        ("app", "e"),
        (MANAGED_BY, "suffix"),
        (NAMESPACE, "default"),
    ]);
    assert_eq!(down, expected);

    let long = translator("a-quite-long-virtual-cluster-name-0123456789").label_map_down(&pairs(&[("release", "")]));
    assert_eq!(long, pairs(&[("vcluster.loft.sh/label-a-quite-long-virtual-cluster--0a51d5542b", "")]));
}

#[test]
fn selectors_are_renamed_in_both_places_and_back() {
    let selector = json!({
        "matchLabels": { "release": "a", "app": "b" },
        "matchExpressions": [{ "key": "release", "operator": "Exists" }, { "key": "app", "operator": "In", "values": ["b"] }],
    });
    let translator = translator("suffix");
    let down = translator.selector_down(selector.clone());
    assert_eq!(down["matchLabels"], json!({ "vcluster.loft.sh/label-suffix-x-a4d451ec23": "a", "app": "b" }));
    assert_eq!(down["matchExpressions"][0]["key"], "vcluster.loft.sh/label-suffix-x-a4d451ec23");
    assert_eq!(translator.selector_up(down), selector);
    assert_eq!(translator.selector_down(json!({})), json!({}));
}

#[test]
fn a_new_copy_has_markers_and_nothing_of_the_virtual_objects_life() {
    let virtual_ = metadata(json!({
        "name": "a", "namespace": "default", "uid": "u1", "resourceVersion": "7", "generation": 3, "generateName": "a-",
        "creationTimestamp": "t", "deletionTimestamp": "t", "deletionGracePeriodSeconds": 1, "selfLink": "s",
        "finalizers": ["f"], "managedFields": [], "labels": { "app": "x" }, "annotations": { "note": "n", "b": "c" },
        "ownerReferences": [{ "uid": "o", "controller": true }],
    }));
    let owned = translator("vc").owned_by(Some(Owner { uid: "service".into() }));
    assert_eq!(
        serde_json::to_value(owned.metadata_down(&config_map(), &virtual_, None)).unwrap(),
        json!({
            "name": "a-x-default-x-vc", "namespace": "ns-1",
            "labels": { "app": "x", "vcluster.loft.sh/managed-by": "vc", "vcluster.loft.sh/namespace": "default" },
            "annotations": {
                "note": "n", "b": "c",
                "vcluster.loft.sh/object-name": "a", "vcluster.loft.sh/object-namespace": "default",
                "vcluster.loft.sh/object-uid": "u1", "vcluster.loft.sh/object-kind": "/v1, Kind=ConfigMap",
                "vcluster.loft.sh/object-host-name": "a-x-default-x-vc",
                "vcluster.loft.sh/object-host-namespace": "ns-1",
                "vcluster.loft.sh/managed-annotations": "b\nnote",
            },
            "ownerReferences": [{ "apiVersion": "v1", "kind": "Service", "name": "vc", "uid": "service", "controller": true }],
        })
    );
}

#[test]
fn cluster_scoped_copies_carry_the_cluster_scopes_marker() {
    let virtual_ = metadata(json!({ "name": "pv", "uid": "u" }));
    let owned = translator("my-vcluster").owned_by(Some(Owner { uid: "service".into() }));
    let down = owned.metadata_down(&config_map(), &virtual_, None);
    assert_eq!(down.labels, pairs(&[(MANAGED_BY, "ns-1-x-my-vcluster")]));
    assert_eq!((down.namespace, down.owner_references), (None, Vec::new()));
}

#[test]
fn an_update_takes_back_what_came_down_and_keeps_what_others_put_there() {
    let translator = translator("vc");
    let old =
        metadata(json!({ "name": "a", "namespace": "d", "uid": "u", "annotations": { "gone": "1", "kept": "1" } }));
    let mut standing = translator.metadata_down(&config_map(), &old, None);
    standing.annotations.insert("others".into(), "x".into());
    standing.labels.insert(CONTROLLED_BY.into(), "somebody".into());
    standing.labels.insert("others".into(), "x".into());
    standing.rest.insert("finalizers".into(), json!(["theirs"]));

    let new = metadata(json!({ "name": "a", "namespace": "d", "uid": "u", "annotations": { "kept": "2" } }));
    let updated = translator.metadata_down(&config_map(), &new, Some(&standing));
    let plain: Vec<_> =
        updated.annotations.iter().filter(|(key, _)| !SYSTEM_ANNOTATIONS.contains(&key.as_str())).collect();
    assert_eq!(plain, [(&"kept".to_owned(), &"2".to_owned()), (&"others".to_owned(), &"x".to_owned())]);
    assert_eq!(updated.annotations[MANAGED_ANNOTATIONS], "kept");
    assert_eq!(updated.labels.get(CONTROLLED_BY).map(String::as_str), Some("somebody"));
    assert_eq!(updated.labels.get("others"), None);
    assert_eq!(updated.rest, standing.rest);
}

#[test]
fn a_plugin_cannot_forge_identity() {
    let virtual_ = metadata(json!({ "name": "a", "namespace": "d", "uid": "u" }));
    let forged = metadata(json!({
        "name": "other", "namespace": "kube-system", "uid": "x", "finalizers": ["f"],
        "labels": { MANAGED_BY: "other", NAMESPACE: "other", CONTROLLED_BY: "other" },
        "annotations": SYSTEM_ANNOTATIONS.map(|key| (key, "forged")).into_iter().collect::<BTreeMap<_, _>>(),
        "ownerReferences": [{ "uid": "x" }],
    }));
    let translator = translator("vc");
    let honest = translator.metadata_down(&config_map(), &virtual_, None);
    assert_eq!(translator.stamp(&config_map(), &virtual_, None, forged.clone()), honest);
    assert_eq!(translator.stamp(&config_map(), &virtual_, Some(&honest), forged), honest);
}

#[test]
fn what_is_not_ours_has_no_origin() {
    let translator = translator("vc");
    let virtual_ = metadata(json!({ "name": "a", "namespace": "d", "uid": "u" }));
    let copy = translator.metadata_down(&config_map(), &virtual_, None);
    let origin = |copy: &Metadata| translator.origin(&config_map(), &object(copy));
    let key = Key::namespaced("d", "a");
    assert_eq!(origin(&copy), Some(key.clone()));

    let mut changed = copy.clone();
    changed.labels.insert(MANAGED_BY.into(), "another".into());
    assert_eq!(origin(&changed), None);
    let mut moved = copy.clone();
    moved.name = "a-copy-of-the-copy".into();
    assert_eq!(origin(&moved), None);
    let mut renamed = copy.clone();
    renamed.annotations.insert(OBJECT_NAME.into(), "b".into());
    assert_eq!(origin(&renamed), None);
    assert!(translator.is_copy(&config_map(), &object(&renamed), &key), "the label and the place still say it");
    let mut unlabelled = copy.clone();
    unlabelled.labels.clear();
    assert_eq!(origin(&unlabelled), Some(key.clone()), "every annotation still says it");
    assert_eq!(translator.origin(&Gvk::new("", "v1", "Secret"), &object(&copy)), None);
    assert_eq!(super::Translator::new("vc2", "ns-1").unwrap().origin(&config_map(), &object(&copy)), None);
}

#[test]
fn names_that_no_cluster_takes_are_refused() {
    for name in ["", "A", "a.b", "-a", "a-", &"a".repeat(64)] {
        let error = Translator::new(name, "ns").unwrap_err().to_string();
        assert!(error.contains("virtual cluster name"), "{error}");
        assert!(Translator::new("vc", name).is_err());
    }
}

fn label() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("release".to_owned()),
        Just(NAMESPACE.to_owned()),
        Just(MANAGED_BY.to_owned()),
        "[a-z]{1,8}(/[a-z]{1,8})?",
    ]
}

fn some_metadata() -> impl Strategy<Value = Metadata> {
    let name = r"[a-z0-9]([a-z0-9-]{0,60}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?){0,3}";
    let labels = prop::collection::btree_map(label(), "[a-z0-9]{0,8}", 0..24);
    let annotations = prop::collection::btree_map("[a-z]{1,6}(/[a-z]{1,6})?", "[ -~]{0,12}", 0..8);
    (name, "[a-z0-9]{1,20}", "[a-f0-9]{8}", labels, annotations).prop_map(
        |(name, namespace, uid, labels, annotations)| Metadata {
            name,
            namespace: Some(namespace),
            uid,
            labels,
            annotations,
            ..Metadata::default()
        },
    )
}

proptest! {
    /// Down and up again is the same object, whatever it carries; with more than eight labels too.
    #[test]
    fn translation_round_trips(virtual_ in some_metadata()) {
        let translator = translator("vc");
        let down = translator.metadata_down(&config_map(), &virtual_, None);
        prop_assert_eq!(translator.origin(&config_map(), &object(&down)), Some(virtual_.key()));
        let up = translator.metadata_up(&config_map(), &down, None);
        prop_assert_eq!(up.key(), virtual_.key());
        prop_assert_eq!(up.labels, virtual_.labels);
        prop_assert_eq!(up.annotations, virtual_.annotations);
    }

    /// An update of a copy that is as it should be changes nothing, and leads from any copy to the one it should be.
    #[test]
    fn an_update_is_idempotent(old in some_metadata(), new in some_metadata()) {
        let translator = translator("vc");
        let new = Metadata { name: old.name.clone(), namespace: old.namespace.clone(), ..new };
        let standing = translator.metadata_down(&config_map(), &old, None);
        let updated = translator.metadata_down(&config_map(), &new, Some(&standing));
        prop_assert_eq!(&translator.metadata_down(&config_map(), &new, Some(&updated)), &updated);
        let fresh = translator.metadata_down(&config_map(), &new, None);
        prop_assert_eq!((&updated.labels, &updated.annotations), (&fresh.labels, &fresh.annotations));
    }

    /// Every place is one that Kubernetes takes, and two objects have two places.
    #[test]
    fn places_are_valid_and_apart(one in some_metadata(), other in some_metadata()) {
        let translator = translator("vc");
        let place = translator.physical_key(&one.key());
        prop_assert!(place.name.len() <= 63);
        prop_assert!(!place.name.contains(".-"));
        // A name or namespace with `-x-` in it can make two take one place: the second is then told, not lost.
        let plain = |metadata: &Metadata| !metadata.name.contains("-x-");
        if one.key() != other.key() && plain(&one) && plain(&other) {
            prop_assert_ne!(place, translator.physical_key(&other.key()));
        }
    }
}
