//! Names that are taken: what others own is never touched, and the user is told.

use crate::support::{Stage, blue, content, create_namespace, stop, writes};
use anyhow::{Context, Result};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;
use serde_json::{Value, json};

#[tokio::test]
async fn api_a_foreign_object_is_never_touched_and_makes_room_when_it_goes() -> Result<()> {
    let stage = Stage::take("foreign").await?;
    let sluice = stage.start().await?;
    let mark = stage.lab.physical_plane.audit_mark();
    let foreign = stranger(&stage, json!({ "labels": { "app": "theirs" } })).await?;
    stage.barrier().await?;
    let object = stage.create(blue("a")).await?;

    let warning = stage.warned(&object).await?;
    assert_eq!(warning.reason.as_deref(), Some("SyncError"));
    assert_eq!(warning.action.as_deref(), Some("SyncConfigMap"));
    let note = warning.note.unwrap_or_default();
    // Where that is in the physical cluster is no business of the tenant's; the log says it.
    assert!(
        note.contains("something is there in the physical cluster") && note.contains("rename this object"),
        "{note}"
    );
    assert!(!note.contains("my-vcluster") && !note.contains(&stage.lab.target_namespace), "{note}");
    let place =
        format!("cannot sync to physical v1 ConfigMap {}/a-x-default-x-my-vcluster", stage.lab.target_namespace);
    assert!(sluice.logs().contains(&place), "{}", sluice.logs());
    let regarding = warning.regarding.unwrap_or_default();
    assert_eq!((regarding.kind.as_deref(), regarding.name.as_deref()), (Some("ConfigMap"), Some("a")));

    // Neither a change nor the end of the virtual object is a reason to touch it.
    let object = stage.change(&object, json!({ "data": { "colour": "red" } })).await?;
    stage.untouched(&foreign).await?;
    stage.delete(&object).await?;
    stage.untouched(&foreign).await?;
    assert_eq!(writes(&stage.asked_below(mark)?), []);

    let object = stage.create(blue("a")).await?;
    stage.warned(&object).await?;
    stage.delete_below(&foreign.name_any()).await?;
    stage.copied(&object).await?;
    let totals = stop(sluice).await?;
    assert!(totals["failures"].as_str().is_some_and(|failures| failures.contains("\"occupied\": ")), "{totals}");
    Ok(())
}

#[tokio::test]
async fn api_what_looks_like_a_copy_of_another_is_foreign() -> Result<()> {
    let stage = Stage::take("lookalike").await?;
    let _sluice = stage.start().await?;
    let (_, other) = stage.pair(blue("other")).await?;
    let mut of_another_cluster = content(&other)["metadata"].clone();
    let mut of_another_namespace = of_another_cluster.clone();
    let mut unlabelled = of_another_cluster.clone();
    of_another_cluster["labels"]["vcluster.loft.sh/managed-by"] = json!("another");
    of_another_namespace["labels"]["vcluster.loft.sh/namespace"] = json!("another");
    unlabelled["labels"] = json!({});

    for metadata in [of_another_cluster, of_another_namespace, unlabelled] {
        let foreign = stranger(&stage, metadata).await?;
        let object = stage.create(blue("a")).await?;
        stage.warned(&object).await?;
        stage.untouched(&foreign).await?;
        stage.delete_below(&foreign.name_any()).await?;
        let copy = stage.copied(&object).await?;
        stage.delete(&object).await?;
        stage.gone(&copy.name_any()).await?;
    }
    stage.untouched(&other).await
}

#[tokio::test]
async fn api_a_copy_of_a_copy_is_left_alone() -> Result<()> {
    let stage = Stage::take("copy_of_copy").await?;
    let mut sluice = stage.start().await?;
    let (object, copy) = stage.pair(blue("a")).await?;
    let mut backup = content(&copy);
    backup["metadata"]["name"] = json!("backup");
    let backup = stage.put(&backup).await?;

    sluice.terminate().await?;
    let _sluice = stage.start().await?;
    stage.delete(&object).await?;
    stage.gone(&copy.name_any()).await?;
    stage.untouched(&backup).await
}

#[tokio::test]
async fn api_a_copy_without_any_marker_left_is_foreign() -> Result<()> {
    let stage = Stage::take("bare").await?;
    let _sluice = stage.start().await?;
    let (object, copy) = stage.pair(blue("a")).await?;
    let bare = stage.drift(&copy.name_any(), json!({ "metadata": { "labels": null, "annotations": null } })).await?;
    stage.warned(&object).await?;
    stage.untouched(&bare).await?;

    // With its labels back it is a copy again.
    let labels = json!({ "vcluster.loft.sh/managed-by": "my-vcluster", "vcluster.loft.sh/namespace": "default" });
    stage.drift(&copy.name_any(), json!({ "metadata": { "labels": labels } })).await?;
    assert_eq!(stage.copied(&object).await?.uid(), copy.uid());
    Ok(())
}

#[tokio::test]
async fn api_of_two_that_want_one_name_the_first_has_it() -> Result<()> {
    let stage = Stage::take("two_want").await?;
    let mut sluice = stage.start().await?;
    let [one, other] = two_for_one_name(&stage).await?;
    let (first, copy) = stage.pair(one).await?;
    assert_eq!(copy.name_any(), "a-x-b-x-c-x-my-vcluster");
    let second = stage.create(other.clone()).await?;
    stage.warned(&second).await?;

    // The second goes as it came.
    stage.delete(&second).await?;
    stage.untouched(&copy).await?;
    let second = stage.create(other).await?;
    stage.warned(&second).await?;

    // A restart does not change who has it.
    let first = stage.change(&first, json!({ "data": { "colour": "red" } })).await?;
    stage.copied(&first).await?;
    sluice.terminate().await?;
    let _sluice = stage.start().await?;
    stage.barrier().await?;
    assert_eq!(stage.copied(&first).await?.uid(), copy.uid());

    stage.delete(&first).await?;
    stage.copied(&second).await?;
    assert!(stage.warnings(&first).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn api_of_two_that_were_there_before_the_start_one_has_the_name() -> Result<()> {
    let stage = Stage::take("two_before").await?;
    let mut objects = Vec::new();
    for object in two_for_one_name(&stage).await? {
        objects.push(stage.create(object).await?);
    }
    let _sluice = stage.start().await?;
    let copy = stage.physical_maps().get("a-x-b-x-c-x-my-vcluster").await?;
    let origin = &copy.annotations()["vcluster.loft.sh/object-name"];
    let first = objects.iter().position(|object| object.name_any() == *origin).context("it is a copy of neither")?;
    let (first, second) = (objects.swap_remove(first), objects.remove(0));
    stage.copied(&first).await?;
    stage.warned(&second).await?;

    stage.delete(&first).await?;
    stage.copied(&second).await?;
    Ok(())
}

/// Two virtual objects whose copies have the same name, and their namespaces.
async fn two_for_one_name(stage: &Stage) -> Result<[Value; 2]> {
    let pairs = [("c", "a-x-b"), ("b-x-c", "a")];
    for (namespace, _) in pairs {
        create_namespace(&stage.lab.virtual_client, namespace).await?;
    }
    Ok(pairs.map(|(namespace, name)| {
        json!({ "metadata": { "name": name, "namespace": namespace }, "data": { "of": namespace } })
    }))
}

/// Puts something of somebody else's, with these labels and annotations, where the copy of `default/a` would stand.
async fn stranger(stage: &Stage, metadata: Value) -> Result<ConfigMap> {
    let mut object = json!({ "metadata": { "name": "a-x-default-x-my-vcluster" }, "data": { "theirs": "1" } });
    for kind in ["labels", "annotations"] {
        object["metadata"][kind] = metadata[kind].clone();
    }
    stage.put(&object).await
}
