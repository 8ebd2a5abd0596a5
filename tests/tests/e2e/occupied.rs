//! Names that are taken: what others own is never touched, and the user is told.

use crate::support::{Stage, content, create_namespace, stop, writes};
use anyhow::Result;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{ResourceExt, api::DeleteParams};
use serde_json::{Value, json};

#[tokio::test]
async fn api_a_foreign_object_is_never_touched_and_makes_room_when_it_goes() -> Result<()> {
    let stage = Stage::take("foreign").await?;
    let sluice = stage.start().await?;
    let mark = stage.lab.physical_plane.audit_mark();
    let foreign = stranger(&stage, json!({ "labels": { "app": "theirs" } })).await?;
    stage.barrier().await?;
    let object = stage.create(json!({ "metadata": { "name": "a" }, "data": { "colour": "blue" } })).await?;

    let warning = stage.warned(&object).await?;
    assert_eq!(warning.reason.as_deref(), Some("SyncError"));
    assert_eq!(warning.action.as_deref(), Some("SyncConfigMap"));
    let note = warning.note.unwrap_or_default();
    assert!(note.contains("a-x-default-x-my-vcluster") && note.contains(&stage.lab.target_namespace), "{note}");
    let regarding = warning.regarding.unwrap_or_default();
    assert_eq!((regarding.kind.as_deref(), regarding.name.as_deref()), (Some("ConfigMap"), Some("a")));

    // Neither a change nor the end of the virtual object is a reason to touch it.
    let object = stage.change(&object, json!({ "data": { "colour": "red" } })).await?;
    stage.barrier().await?;
    stage.delete(&object).await?;
    stage.barrier().await?;
    let now = stage.physical_maps().get(&foreign.name_any()).await?;
    assert_eq!((now.uid(), now.resource_version()), (foreign.uid(), foreign.resource_version()));
    let asked = stage.asked_below(mark)?;
    assert!(writes(&asked).is_empty(), "{asked:?}");

    let object = stage.create(json!({ "metadata": { "name": "a" }, "data": { "colour": "green" } })).await?;
    stage.warned(&object).await?;
    stage.physical_maps().delete(&foreign.name_any(), &DeleteParams::default()).await?;
    stage.copied(&object).await?;
    let totals = stop(sluice).await?;
    assert!(totals["failures"].as_str().is_some_and(|failures| failures.contains("\"occupied\": ")), "{totals}");
    Ok(())
}

#[tokio::test]
async fn api_what_looks_like_a_copy_of_another_is_foreign() -> Result<()> {
    let stage = Stage::take("lookalike").await?;
    let _sluice = stage.start().await?;
    let (b, b_copy) = stage.pair(json!({ "metadata": { "name": "b" } })).await?;
    let markers = content(&b_copy)["metadata"].clone();
    let mut of_another_cluster = markers.clone();
    of_another_cluster["labels"]["vcluster.loft.sh/managed-by"] = json!("another");
    let mut of_another_namespace = markers.clone();
    of_another_namespace["labels"]["vcluster.loft.sh/namespace"] = json!("another");
    // The first is a copy of a copy, as a backup tool makes it; neither label nor annotations name this place.
    let mut unlabelled = markers.clone();
    unlabelled["labels"] = json!({});

    for metadata in [unlabelled, of_another_cluster, of_another_namespace] {
        let metadata = json!({ "labels": metadata["labels"], "annotations": metadata["annotations"] });
        let foreign = stranger(&stage, metadata.clone()).await?;
        let object = stage.create(json!({ "metadata": { "name": "a" } })).await?;
        stage.warned(&object).await?;
        let now = stage.physical_maps().get(&foreign.name_any()).await?;
        assert_eq!((now.uid(), now.resource_version()), (foreign.uid(), foreign.resource_version()), "{metadata}");

        stage.physical_maps().delete(&foreign.name_any(), &DeleteParams::default()).await?;
        let copy = stage.copied(&object).await?;
        stage.delete(&object).await?;
        stage.gone(&copy.name_any()).await?;
    }
    assert_eq!(stage.copied(&b).await?.resource_version(), b_copy.resource_version());
    Ok(())
}

#[tokio::test]
async fn api_a_copy_of_a_copy_is_left_alone() -> Result<()> {
    let stage = Stage::take("copy_of_copy").await?;
    let mut sluice = stage.start().await?;
    let (object, copy) = stage.pair(json!({ "metadata": { "name": "a" } })).await?;
    let mut backup = content(&copy);
    backup["metadata"]["name"] = json!("backup");
    let backup = stage.put(&backup).await?;

    sluice.terminate().await?;
    let _sluice = stage.start().await?;
    stage.delete(&object).await?;
    stage.gone(&copy.name_any()).await?;
    stage.barrier().await?;
    assert_eq!(stage.physical_maps().get("backup").await?.resource_version(), backup.resource_version());
    Ok(())
}

#[tokio::test]
async fn api_of_two_that_want_one_name_the_first_has_it() -> Result<()> {
    let stage = Stage::take("two_want").await?;
    let mut sluice = stage.start().await?;
    create_namespace(&stage.lab.virtual_client, "c").await?;
    create_namespace(&stage.lab.virtual_client, "b-x-c").await?;
    let (first, copy) = stage.pair(json!({ "metadata": { "name": "a-x-b", "namespace": "c" } })).await?;
    assert_eq!(copy.name_any(), "a-x-b-x-c-x-my-vcluster");
    let second =
        stage.create(json!({ "metadata": { "name": "a", "namespace": "b-x-c" }, "data": { "colour": "red" } }));
    let second = second.await?;
    stage.warned(&second).await?;

    let first = stage.change(&first, json!({ "data": { "colour": "blue" } })).await?;
    stage.copied(&first).await?;
    sluice.terminate().await?;
    let _sluice = stage.start().await?;
    stage.barrier().await?;
    assert_eq!(stage.copied(&first).await?.uid(), copy.uid(), "a restart does not change who has it");

    stage.delete(&first).await?;
    stage.copied(&second).await?;
    assert!(stage.warnings(&first).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn api_the_second_of_two_goes_without_taking_the_copy_of_the_first() -> Result<()> {
    let stage = Stage::take("second_goes").await?;
    let _sluice = stage.start().await?;
    create_namespace(&stage.lab.virtual_client, "c").await?;
    create_namespace(&stage.lab.virtual_client, "b-x-c").await?;
    let (_, copy) = stage.pair(json!({ "metadata": { "name": "a-x-b", "namespace": "c" } })).await?;
    let second = stage.create(json!({ "metadata": { "name": "a", "namespace": "b-x-c" } })).await?;
    stage.warned(&second).await?;
    stage.delete(&second).await?;
    stage.barrier().await?;
    let now = stage.physical_maps().get(&copy.name_any()).await?;
    assert_eq!((now.uid(), now.resource_version()), (copy.uid(), copy.resource_version()));
    Ok(())
}

#[tokio::test]
async fn api_a_copy_without_any_marker_left_is_foreign() -> Result<()> {
    let stage = Stage::take("bare").await?;
    let _sluice = stage.start().await?;
    let (object, copy) = stage.pair(json!({ "metadata": { "name": "a" } })).await?;
    let bare = stage.drift(&copy.name_any(), json!({ "metadata": { "labels": null, "annotations": null } })).await?;
    stage.warned(&object).await?;
    stage.barrier().await?;
    assert_eq!(stage.physical_maps().get(&copy.name_any()).await?.resource_version(), bare.resource_version());

    // With its marker back it is a copy again.
    let labels = json!({ "vcluster.loft.sh/managed-by": "my-vcluster", "vcluster.loft.sh/namespace": "default" });
    stage.drift(&copy.name_any(), json!({ "metadata": { "labels": labels } })).await?;
    assert_eq!(stage.copied(&object).await?.uid(), copy.uid());
    Ok(())
}

/// Puts something of somebody else's where the copy of `default/a` would stand.
async fn stranger(stage: &Stage, mut metadata: Value) -> Result<ConfigMap> {
    metadata["name"] = json!("a-x-default-x-my-vcluster");
    let object = json!({ "metadata": metadata, "data": { "theirs": "1" } });
    stage.put(&object).await
}
