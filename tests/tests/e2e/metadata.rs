//! Metadata is translated as vCluster does it. The expected values are literals of its contract.

use crate::support::{Stage, content};
use anyhow::{Context, Result};
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
                    "vcluster.loft.sh/object-uid": object.uid(),
                },
            },
        }))
        .await?;
    Ok(())
}

#[tokio::test]
async fn api_four_label_keys_are_rewritten_however_many_there_are() -> Result<()> {
    let mut stage = Stage::take("labels").await?;
    stage.lab.name = "suffix".into();
    let _sluice = stage.start().await?;
    let mut labels = json!({
        "release": "r",
        "vcluster.loft.sh/namespace": "n",
        "vcluster.loft.sh/managed-by": "m",
        // With a value, it would say: hands off.
        "vcluster.loft.sh/controlled-by": "",
        // A key that is already a rewritten one has no place.
        "vcluster.loft.sh/label-suffix-x-a4d451ec23": "forged",
        "vcluster.loft.sh/other": "o",
    });
    let mut expected = json!({
        "vcluster.loft.sh/label-suffix-x-a4d451ec23": "r",
        "vcluster.loft.sh/label-suffix-x-101dcd4e86": "n",
        "vcluster.loft.sh/label-suffix-x-e5f1b28ab2": "m",
        "vcluster.loft.sh/label-suffix-x-2080cec00f": "",
        "vcluster.loft.sh/other": "o",
        "vcluster.loft.sh/managed-by": "suffix",
        "vcluster.loft.sh/namespace": "default",
    });
    for number in 0..20 {
        let (key, value) = (format!("key-{number}"), number.to_string());
        labels[&key] = json!(value);
        expected[&key] = json!(value);
    }
    let object = stage.create(json!({ "metadata": { "name": "a", "labels": labels } })).await?;
    let mut copy = stage.expected(&object);
    copy["metadata"]["labels"] = expected.clone();
    stage.stands(&copy).await?;

    // The same on top of what stands there.
    let object = stage.change(&object, json!({ "metadata": { "labels": { "release": "s", "key-7": null } } })).await?;
    copy["metadata"]["labels"]["vcluster.loft.sh/label-suffix-x-a4d451ec23"] = json!("s");
    copy["metadata"]["labels"].as_object_mut().context("no labels")?.remove("key-7");
    stage.stands(&copy).await?;
    stage.change(&object, json!({ "metadata": { "labels": { "release": null } } })).await?;
    copy["metadata"]["labels"]
        .as_object_mut()
        .context("no labels")?
        .remove("vcluster.loft.sh/label-suffix-x-a4d451ec23");
    stage.stands(&copy).await?;
    Ok(())
}

#[tokio::test]
async fn api_a_rewritten_key_of_a_long_cluster_name_is_hashed() -> Result<()> {
    let mut stage = Stage::take("long_label").await?;
    stage.lab.name = "a-quite-long-virtual-cluster-name-0123456789".into();
    let _sluice = stage.start().await?;
    let object = stage.create(json!({ "metadata": { "name": "a", "labels": { "release": "r" } } })).await?;
    let mut expected = stage.expected(&object);
    expected["metadata"]["labels"] = json!({
        "vcluster.loft.sh/label-a-quite-long-virtual-cluster--0a51d5542b": "r",
        "vcluster.loft.sh/managed-by": "a-quite-long-virtual-cluster-name-0123456789",
        "vcluster.loft.sh/namespace": "default",
    });
    stage.stands(&expected).await?;
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
    let theirs = json!({ "metadata": { "finalizers": ["example.com/theirs"] } });
    stage.drift(&copy.name_any(), theirs).await?;
    let object = stage.change(&object, json!({ "data": { "colour": "red" } })).await?;
    let mut expected = stage.expected(&object);
    expected["metadata"]["finalizers"] = json!(["example.com/theirs"]);
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
