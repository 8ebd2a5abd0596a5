//! What the physical cluster does not take: the user is told, it is tried again, and the rest goes on.

use crate::support::{Stage, blue, log, stop};
use anyhow::{Context, Result};
use k8s_openapi::{api::core::v1::Namespace, jiff::Timestamp};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams, PostParams},
};
use serde_json::{Value, json};
use sluice_tests::eventually;

#[tokio::test]
async fn api_annotations_that_fill_the_limit_leave_no_room_for_markers() -> Result<()> {
    let stage = Stage::take("full").await?;
    let sluice = stage.start().await?;
    // An API server takes 256 KiB, keys and values together.
    let full = json!({ "note": "x".repeat((256 << 10) - "note".len()) });
    let object = stage.create(json!({ "metadata": { "name": "a", "annotations": full } })).await?;
    let note = stage.warned(&object).await?.note.unwrap_or_default();
    assert!(note.contains("metadata.annotations: Too long"), "{note}");
    stage.pair(blue("neighbour")).await?;

    let object = stage.change(&object, json!({ "metadata": { "annotations": { "note": "short" } } })).await?;
    stage.copied(&object).await?;
    let totals = stop(sluice).await?;
    assert!(totals["failures"].as_str().is_some_and(|failures| failures.contains("\"rejected\": ")), "{totals}");
    Ok(())
}

#[tokio::test]
async fn api_a_copy_that_was_made_immutable_is_told_of_and_comes_back_when_it_is_deleted() -> Result<()> {
    let stage = Stage::take("frozen").await?;
    let _sluice = stage.start().await?;
    let (object, copy) = stage.pair(blue("a")).await?;
    stage.drift(&copy.name_any(), json!({ "immutable": true, "data": { "colour": "red" } })).await?;
    let note = stage.warned(&object).await?.note.unwrap_or_default();
    assert!(note.contains("immutable"), "{note}");
    stage.delete_below(&copy.name_any()).await?;
    stage.copied(&object).await?;
    Ok(())
}

#[tokio::test]
async fn api_a_repeated_failure_is_one_event_and_ever_rarer() -> Result<()> {
    let stage = Stage::take("backoff").await?;
    let sluice = stage.start().await?;
    stage.put(&json!({ "metadata": { "name": "a-x-default-x-my-vcluster" } })).await?;
    let object = stage.create(blue("a")).await?;
    let mut times = Vec::new();
    for attempt in [1, 2, 4] {
        let told = |line: &&Value| line["reason"] == "occupied" && line["attempt"] == attempt;
        let line = eventually("the failure is told", async || log(&sluice).iter().find(told).cloned()).await?;
        times.push(line["timestamp"].as_str().context("no time")?.parse::<Timestamp>()?);
    }
    // The waits are 0.05, 0.1 and 0.2 s, and double so on.
    let waited = |from: usize, to: usize| times[to].duration_since(times[from]).as_millis();
    assert!(waited(0, 1) >= 50 && waited(1, 2) >= 300, "{times:?}");
    let warnings = stage.warnings(&object).await?;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let totals = stop(sluice).await?;
    let failures = totals["failures"].as_str().unwrap_or_default();
    assert!((4..=8).any(|count| failures == format!("{{\"occupied\": {count}}}")), "{failures}");
    Ok(())
}

#[tokio::test]
async fn api_a_lost_target_namespace_is_an_error_that_passes() -> Result<()> {
    let stage = Stage::take("lost_namespace").await?;
    let mut sluice = stage.start().await?;
    let (before, _) = stage.pair(blue("before")).await?;
    let namespaces: Api<Namespace> = Api::all(stage.lab.physical_client.clone());
    let name = &stage.lab.target_namespace;

    // What the namespace controller does: all goes, then the namespace.
    namespaces.delete(name, &DeleteParams::default()).await?;
    let during = stage.create(blue("during")).await?;
    let warning = stage.warned(&during).await?;
    let note = warning.note.unwrap_or_default();
    assert!(note.contains("is being terminated") && !note.contains(name), "{note}");
    stage.physical_maps().delete_collection(&DeleteParams::default(), &ListParams::default()).await?;
    stage.free_lease().await?;
    let mut going = namespaces.get(name).await?;
    if let Some(spec) = &mut going.spec {
        spec.finalizers = None;
    }
    namespaces.replace_subresource("finalize", name, &PostParams::default(), &going).await?;
    eventually("the namespace is gone", async || namespaces.get_opt(name).await.is_ok_and(|found| found.is_none()))
        .await?;
    let after = stage.create(blue("after")).await?;
    stage.warned(&after).await?;
    assert_eq!(sluice.ended()?, None);

    let mut again = Namespace::default();
    again.metadata.name = Some(name.clone());
    namespaces.create(&PostParams::default(), &again).await?;
    for object in [&before, &during, &after] {
        stage.copied(object).await?;
    }
    assert_eq!(sluice.ended()?, None);
    Ok(())
}
