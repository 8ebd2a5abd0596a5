use kube::api::ApiResource;
use kube::core::GroupVersionKind;
use sluice_core::key::{Gvk, Key, Side, Target};

use super::*;

fn resource(namespaced: bool, has_status: bool) -> Resource {
    let gvk = Gvk::new("apps", "v1", "Deployment");
    let api = ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk("apps", "v1", "Deployment"), "deployments");
    Resource { gvk, namespaced, has_status, api }
}

fn target(key: Key) -> Target {
    Target { side: Side::Physical, gvk: Gvk::new("apps", "v1", "Deployment"), key }
}

fn read() -> Read {
    Read { uid: "u".into(), version: "7".into() }
}

fn patch(key: Key, patch: Value, status: bool) -> Write {
    Write::Patch { target: target(key), read: read(), patch, desired: Value::Null, status }
}

/// Method, path and body.
fn shown(write: &Write, resource: &Resource) -> Result<(String, String, Value), String> {
    let request = build(write, resource)?;
    let body = serde_json::from_slice(request.body()).unwrap();
    Ok((request.method().to_string(), request.uri().to_string(), body))
}

#[test]
fn writes_become_requests() {
    let key = Key::namespaced("n", "a");
    let base = "/apis/apps/v1/namespaces/n/deployments";
    let guards = json!({"uid": "u", "resourceVersion": "7"});
    for (write, method, path, body) in [
        (
            Write::Create { target: target(key.clone()), body: json!({"a": 1}) },
            "POST",
            format!("{base}?&fieldManager=sluice"),
            json!({"a": 1}),
        ),
        (
            patch(key.clone(), json!({"metadata": {"labels": {"a": null}}}), false),
            "PATCH",
            format!("{base}/a?&fieldManager=sluice"),
            json!({"metadata": {"labels": {"a": null}, "uid": "u", "resourceVersion": "7"}}),
        ),
        (
            patch(key.clone(), json!({"status": {"x": 1}}), true),
            "PATCH",
            format!("{base}/a/status?&fieldManager=sluice"),
            json!({"status": {"x": 1}, "metadata": guards}),
        ),
        (
            Write::Apply { target: target(key.clone()), body: json!({"a": 1}), manager: "a/b".into() },
            "PATCH",
            format!("{base}/a?&force=true&fieldManager=a%2Fb"),
            json!({"a": 1}),
        ),
        (
            Write::Delete { target: target(key.clone()), read: read() },
            "DELETE",
            format!("{base}/a?"),
            json!({"propagationPolicy": "Background", "preconditions": guards}),
        ),
    ] {
        assert_eq!(shown(&write, &resource(true, true)).unwrap(), (method.into(), path, body));
    }
}

#[test]
fn patches_say_of_which_kind_they_are() {
    let key = Key::namespaced("n", "a");
    let applied = Write::Apply { target: target(key.clone()), body: json!({}), manager: "m".into() };
    for (write, kind) in
        [(applied, "application/apply-patch+yaml"), (patch(key, json!({}), false), "application/merge-patch+json")]
    {
        let request = build(&write, &resource(true, true)).unwrap();
        assert_eq!(request.headers()[http::header::CONTENT_TYPE], kind);
    }
}

#[test]
fn names_do_not_leave_their_segment() {
    for name in ["", ".", "..", "../secrets/a", "a/status", "a?dryRun=All", "a#b", "a%2fb", "a b", "ä"] {
        for key in [Key::namespaced("n", name), Key::namespaced(name, "a")] {
            assert!(shown(&patch(key, json!({}), false), &resource(true, true)).unwrap_err().ends_with("is no name"));
        }
    }
    let name = Key::cluster("system:kube-dns");
    assert!(shown(&patch(name, json!({}), false), &resource(false, true)).is_ok());
}

#[test]
fn what_cannot_be_is_not_sent() {
    for (write, resource, why) in [
        (patch(Key::cluster("a"), json!({}), false), resource(true, true), "needs a namespace"),
        (patch(Key::namespaced("n", "a"), json!({}), false), resource(false, true), "is in no namespace"),
        (patch(Key::namespaced("n", "a"), json!({}), true), resource(true, false), "has no status of its own"),
    ] {
        assert!(shown(&write, &resource).unwrap_err().ends_with(why));
    }
}
