//! Metadata is translated as vCluster does it. The expected values are literals of its contract.

use crate::support::{Stage, content};
use anyhow::Result;
use k8s_openapi::api::core::v1::Service;
use kube::{Api, ResourceExt, api::PostParams};
use serde_json::{Value, json};

#[tokio::test]
async fn api_a_copy_carries_every_marker() -> Result<()> {
    let stage = Stage::take("markers").await?;
    let _sluice = stage.start().await?;
    let object = stage.create(json!({
        "metadata": {
            "name": "test",
            "namespace": "kube-system",
            "labels": { "app": "shop" },
            "annotations": {
                "zebra": "1",
                "example.com/note": "2",
                "kubectl.kubernetes.io/last-applied-configuration": "{}",
            },
        },
    }));
    let object = object.await?;
    stage
        .stands(&json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": "test-x-kube-system-x-my-vcluster",
                "namespace": stage.lab.target_namespace,
                "labels": {
                    "app": "shop",
                    "vcluster.loft.sh/managed-by": "my-vcluster",
                    "vcluster.loft.sh/namespace": "kube-system",
                },
                "annotations": {
                    "zebra": "1",
                    "example.com/note": "2",
                    "kubectl.kubernetes.io/last-applied-configuration": "{}",
                    "vcluster.loft.sh/managed-annotations":
                        "example.com/note\nkubectl.kubernetes.io/last-applied-configuration\nzebra",
                    "vcluster.loft.sh/object-host-name": "test-x-kube-system-x-my-vcluster",
                    "vcluster.loft.sh/object-host-namespace": stage.lab.target_namespace,
                    "vcluster.loft.sh/object-kind": "/v1, Kind=ConfigMap",
                    "vcluster.loft.sh/object-name": "test",
                    "vcluster.loft.sh/object-namespace": "kube-system",
                    "vcluster.loft.sh/object-syncer": "configmaps/configmaps",
                    "vcluster.loft.sh/object-uid": object.uid(),
                },
            },
        }))
        .await?;
    Ok(())
}

#[tokio::test]
async fn api_annotations_are_taken_back_and_those_of_others_stay() -> Result<()> {
    let stage = Stage::take("annotations").await?;
    let _sluice = stage.start().await?;
    let (object, copy) =
        stage.pair(json!({ "metadata": { "name": "a", "annotations": { "one": "1", "two": "2" } } })).await?;
    stage.drift(&copy.name_any(), json!({ "metadata": { "annotations": { "theirs": "kept" } } })).await?;

    for (own, theirs) in [
        (json!({ "one": null }), Some("kept")),
        (json!({ "one": "again" }), Some("kept")),
        (json!({ "one": null, "two": null }), Some("kept")),
        // A key that the virtual object has too becomes the virtual object's, and goes with it.
        (json!({ "theirs": "taken" }), Some("taken")),
        (json!({ "theirs": null }), None),
    ] {
        let object = stage.change(&object, json!({ "metadata": { "annotations": own } })).await?;
        let mut expected = stage.expected(&object);
        if let Some(theirs) = theirs {
            expected["metadata"]["annotations"]["theirs"] = json!(theirs);
        }
        stage.stands(&expected).await?;
        stage.barrier().await?;
        let untouched = stage.virtual_maps("default").get("a").await?;
        assert_eq!(untouched.resource_version(), object.resource_version(), "the virtual object is only read");
    }
    Ok(())
}

#[tokio::test]
async fn api_a_tenant_cannot_forge_markers() -> Result<()> {
    let stage = Stage::take("tenant").await?;
    let _sluice = stage.start().await?;
    let forged = ["name", "namespace", "uid", "kind", "host-name", "host-namespace"]
        .map(|key| (format!("vcluster.loft.sh/object-{key}"), json!("forged")));
    let annotations: Value = forged.into_iter().collect::<serde_json::Map<_, _>>().into();
    let object = stage.create(json!({ "metadata": { "name": "a", "annotations": annotations } })).await?;

    let mut plain = object.clone();
    plain.metadata.annotations = None;
    stage.copied(&plain).await?;
    Ok(())
}

#[tokio::test]
async fn api_what_belongs_to_the_virtual_object_alone_is_stripped() -> Result<()> {
    let stage = Stage::take("stripped").await?;
    let _sluice = stage.start().await?;
    let object = stage.create(json!({
        "metadata": {
            "generateName": "made-",
            "finalizers": ["example.com/hold"],
            "ownerReferences": [{ "apiVersion": "v1", "kind": "Secret", "name": "owner", "uid": "11", "controller": true }],
        },
        "data": { "colour": "blue" },
    })).await?;
    let copy = stage.copied(&object).await?;
    assert!(content(&copy)["metadata"].get("ownerReferences").is_none(), "there is no Service to own it");
    assert_ne!(copy.uid(), object.uid());

    // What others put on the copy is not the runtime's to strip.
    let finalizers = json!(["example.com/theirs"]);
    let owners = json!([{ "apiVersion": "v1", "kind": "Secret", "name": "theirs", "uid": "22" }]);
    let theirs = json!({ "metadata": { "finalizers": finalizers, "ownerReferences": owners } });
    stage.drift(&copy.name_any(), theirs).await?;
    let object = stage.change(&object, json!({ "data": { "colour": "red" } })).await?;
    let mut expected = stage.expected(&object);
    expected["metadata"]["finalizers"] = finalizers;
    expected["metadata"]["ownerReferences"] = owners;
    stage.stands(&expected).await?;
    stage.drift(&copy.name_any(), json!({ "metadata": { "finalizers": null } })).await?;
    Ok(())
}

#[tokio::test]
async fn api_copies_are_owned_by_the_service_of_the_virtual_cluster() -> Result<()> {
    let stage = Stage::take("owner").await?;
    let services: Api<Service> = Api::namespaced(stage.lab.physical_client.clone(), &stage.lab.target_namespace);
    let service = json!({ "metadata": { "name": "my-vcluster" }, "spec": { "ports": [{ "port": 443 }] } });
    let service = services.create(&PostParams::default(), &serde_json::from_value(service)?).await?;
    let _sluice = stage.start().await?;

    let owner = json!({ "apiVersion": "v1", "kind": "Secret", "name": "owner", "uid": "11", "controller": true });
    for (name, owners, controller) in [("free", json!([]), false), ("controlled", json!([owner]), true)] {
        let object = stage.create(json!({ "metadata": { "name": name, "ownerReferences": owners } })).await?;
        let mut expected = stage.expected(&object);
        expected["metadata"]["ownerReferences"] = json!([{
            "apiVersion": "v1",
            "kind": "Service",
            "name": "my-vcluster",
            "uid": service.uid(),
            "controller": controller,
        }]);
        stage.stands(&expected).await?;
        let object = stage.change(&object, json!({ "data": { "colour": "red" } })).await?;
        expected["data"] = json!(object.data);
        stage.stands(&expected).await?;
    }
    Ok(())
}
