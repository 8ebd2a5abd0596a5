use sluice_core::key::Gvk;

use super::*;

const MARK: &str = "vc";

fn version(name: &str, storage: bool) -> Value {
    json!({
        "name": name, "served": true, "storage": storage, "later": {"unknown": 1.50},
        "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
        "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.n", "statusReplicasPath": ".status.n"}},
        "additionalPrinterColumns": [{"name": "N", "type": "integer", "jsonPath": ".spec.n"}],
    })
}

/// As an API server stores it.
fn definition() -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {
            "name": "widgets.example.com", "uid": "u", "resourceVersion": "7", "generation": 2,
            "labels": {"app": "widgets"},
            "annotations": {
                "api-approved.kubernetes.io": "https://example.com",
                "kubectl.kubernetes.io/last-applied-configuration": "{}",
                "vcluster.loft.sh/object-name": "a",
            },
        },
        "spec": {
            "group": "example.com", "scope": "Namespaced", "conversion": {"strategy": "None"}, "later": "unknown",
            "names": {"kind": "Widget", "plural": "widgets", "singular": "widget", "listKind": "WidgetList"},
            "versions": [version("v1", true), version("v1beta1", false)],
        },
        "status": {"storedVersions": ["v1beta1", "v1"]},
    })
}

fn converting(client_config: Value) -> Value {
    let mut definition = definition();
    let webhook = json!({"conversionReviewVersions": ["v1"], "clientConfig": client_config});
    definition["spec"]["conversion"] = json!({"strategy": "Webhook", "webhook": webhook});
    definition
}

fn object(definition: &Value) -> Object {
    Object::parse(&Gvk::new("apiextensions.k8s.io", "v1", "CustomResourceDefinition"), &definition.to_string()).unwrap()
}

#[test]
fn a_copy_has_all_of_the_spec_and_what_others_may_know_of_the_metadata() {
    let Copy { body, webhook_lost } = of(&definition(), MARK);
    assert!(!webhook_lost);
    assert_eq!(body["spec"], definition()["spec"]);
    let metadata = json!({
        "name": "widgets.example.com",
        "labels": {"app": "widgets", "vcluster.loft.sh/managed-by": "vc"},
        "annotations": {
            "api-approved.kubernetes.io": "https://example.com",
            "vcluster.loft.sh/object-imported": "true",
        },
    });
    assert_eq!(body["metadata"], metadata);
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["apiVersion", "kind", "metadata", "spec"]);
}

#[test]
fn a_webhook_by_service_is_left_out_and_one_by_url_kept() {
    let by_service = of(&converting(json!({"service": {"name": "s", "namespace": "n"}, "caBundle": "Yg=="})), MARK);
    assert!(by_service.webhook_lost);
    assert_eq!(by_service.body["spec"]["conversion"], json!({"strategy": "None"}));

    let source = converting(json!({"url": "https://example.com/convert", "caBundle": "Yg=="}));
    let by_url = of(&source, MARK);
    assert!(!by_url.webhook_lost);
    assert_eq!(by_url.body["spec"]["conversion"], source["spec"]["conversion"]);
    let patch = change(&by_url.body, &by_service.body).unwrap();
    assert_eq!(patch, json!({"spec": {"conversion": {"strategy": "None", "webhook": null}}}));
}

#[test]
fn what_is_equal_but_for_defaults_is_left_alone() {
    let mut terse = definition();
    for place in ["/spec/conversion", "/spec/names/singular", "/spec/names/listKind"] {
        assert!(set(&mut terse, place, None));
    }
    let desired = of(&terse, MARK).body;
    let mut stored = of(&definition(), MARK).body;
    assert_eq!(desired, stored);
    // What the API server and others add.
    stored["status"] = json!({"storedVersions": ["v1"]});
    stored["metadata"]["uid"] = "w".into();
    stored["metadata"]["annotations"]["other"] = "x".into();
    assert_eq!(change(&stored, &desired), None);
    assert_eq!(substance(&stored)["spec"], desired["spec"]);
}

#[test]
fn a_change_is_all_that_differs_even_what_went() {
    let stored = of(&definition(), MARK).body;
    let mut source = definition();
    source["metadata"]["labels"]["app"] = "new".into();
    source["spec"]["names"]["shortNames"] = json!(["w"]);
    source["spec"]["later"] = Value::Null;
    source["spec"]["versions"].as_array_mut().unwrap().pop();
    let desired = of(&source, MARK).body;
    let patch = change(&stored, &desired).unwrap();
    assert_eq!(
        patch,
        json!({
            "metadata": {"labels": {"app": "new"}},
            "spec": {"names": {"shortNames": ["w"]}, "later": null, "versions": [version("v1", true)]},
        })
    );
}

#[test]
fn the_source_is_the_only_side_with_one_of_its_own() {
    let own = object(&definition());
    let copy = object(&of(&definition(), MARK).body);
    let foreign = object(&of(&definition(), "other").body);
    let mut going = definition();
    going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z".into();
    let going = object(&going);
    for (virtual_, physical, from) in [
        (None, None, None),
        (Some(&own), None, Some(Side::Virtual)),
        (Some(&own), Some(&copy), Some(Side::Virtual)),
        (None, Some(&own), Some(Side::Physical)),
        (Some(&copy), Some(&own), Some(Side::Physical)),
        (Some(&own), Some(&own), None),
        // Another virtual cluster's copy is not ours, and as good a source as any.
        (Some(&own), Some(&foreign), None),
        (None, Some(&foreign), Some(Side::Physical)),
        // The source went: what is left is nobody's source.
        (None, Some(&copy), None),
        (Some(&copy), Some(&copy), None),
        (Some(&going), None, None),
        (Some(&copy), Some(&going), None),
    ] {
        assert_eq!(source(virtual_, physical, MARK), from, "{virtual_:?} {physical:?}");
    }
}
