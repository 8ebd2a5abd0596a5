//! What hooks may make of an object, and what becomes of the write.

use super::*;
use crate::key::{Key, Target};
use crate::write::Read;

fn pod() -> Value {
    json!({ "apiVersion": "v1", "kind": "Pod", "spec": { "nodeName": "n" },
        "metadata": { "name": "a", "namespace": "ns", "uid": "u", "finalizers": ["x/y"],
            "labels": { "app": "x", "vcluster.loft.sh/managed-by": "vc" },
            "annotations": { "vcluster.loft.sh/object-name": "a" } }, "status": { "phase": "Running" } })
}

fn gvk() -> Gvk {
    Gvk::new("", "v1", "Pod")
}

fn patched(patch: Value) -> Result<Value, Refusal> {
    changed(Side::Physical, &gvk(), &pod(), &Body::MergePatch(patch.to_string()))
}

#[test]
fn a_hook_changes_content_labels_and_annotations() {
    let after =
        patched(json!({ "metadata": { "labels": { "app": null, "by": "hook" } }, "spec": { "nodeName": null } }));
    let after = after.unwrap();
    assert_eq!(after["metadata"]["labels"], json!({ "by": "hook", "vcluster.loft.sh/managed-by": "vc" }));
    assert_eq!(after["spec"], json!({}));
    // What is wished of vCluster is no marker.
    let wish = json!({ "metadata": { "annotations": { "vcluster.loft.sh/force-sync": "true" } } });
    assert_eq!(patched(wish).unwrap()["metadata"]["annotations"]["vcluster.loft.sh/force-sync"], "true");
}

#[test]
fn what_an_object_is_is_not_a_hooks() {
    for patch in [
        json!({ "kind": "Secret" }),
        json!({ "metadata": { "name": "b" } }),
        json!({ "metadata": { "namespace": "kube-system" } }),
        json!({ "metadata": { "uid": "w" } }),
        json!({ "metadata": { "finalizers": null } }),
        json!({ "metadata": { "ownerReferences": [{ "uid": "z" }] } }),
        json!({ "metadata": { "labels": { "vcluster.loft.sh/managed-by": "other" } } }),
        json!({ "metadata": { "labels": { "vcluster.loft.sh/controlled-by": "me" } } }),
        json!({ "metadata": { "annotations": null } }),
        json!({ "metadata": null }),
        json!([]),
    ] {
        assert!(patched(patch.clone()).is_err(), "{patch}");
    }
    let whole = Body::Whole("not json".into());
    assert!(changed(Side::Physical, &gvk(), &pod(), &whole).is_err());
}

#[test]
fn what_hooks_made_is_written_if_it_is_not_so_already() {
    let standing = Object::parse(&gvk(), &pod().to_string()).unwrap();
    let target = Target { side: Side::Physical, gvk: gvk(), key: Key::namespaced("ns", "a") };
    let mut desired = pod();
    desired["metadata"]["labels"].as_object_mut().unwrap().remove("app");
    let write = |status| Write::Patch {
        target: target.clone(),
        read: Read::from(&standing),
        patch: json!({}),
        desired: desired.clone(),
        status,
    };
    let (operation, object) = occasion(&write(false), Some(&standing));
    assert_eq!((operation, &object), (Operation::Update, &desired));
    // The hook puts back what the syncer would take away: nothing is left to write.
    assert_eq!(rewritten(write(false), Some(&standing), pod()), None);
    let mut more = pod();
    more["spec"]["nodeName"] = json!("m");
    more["status"] = json!({ "phase": "Failed" });
    let Some(Write::Patch { patch, .. }) = rewritten(write(false), Some(&standing), more.clone()) else {
        panic!("none")
    };
    assert_eq!(patch, json!({ "spec": { "nodeName": "m" } }), "the status has a way of its own");
    desired = pod();
    let write =
        Write::Patch { target: target.clone(), read: Read::from(&standing), patch: json!({}), desired, status: true };
    let Some(Write::Patch { patch, .. }) = rewritten(write, Some(&standing), more) else { panic!("none") };
    assert_eq!(patch, json!({ "status": { "phase": "Failed" } }));
    let gone = Write::Delete { target, read: Read::from(&standing) };
    assert_eq!(occasion(&gone, Some(&standing)), (Operation::Delete, pod()));
}
