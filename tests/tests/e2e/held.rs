//! What is being deleted and waits for a finalizer.

use crate::support::{Stage, blue};
use anyhow::Result;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;
use serde_json::json;
use sluice_tests::eventually;

#[tokio::test]
async fn api_a_virtual_object_that_waits_for_its_finalizer_has_no_copy() -> Result<()> {
    let stage = Stage::take("virtual_held").await?;
    let mut sluice = stage.start().await?;
    let held = json!({ "metadata": { "name": "a", "finalizers": ["example.com/hold"] }, "data": { "colour": "blue" } });
    let (object, copy) = stage.pair(held).await?;

    stage.delete(&object).await?;
    stage.gone(&copy.name_any()).await?;
    let object = stage.change(&object, json!({ "data": { "colour": "red" } })).await?;
    assert!(object.metadata.deletion_timestamp.is_some(), "it is still there");
    stage.absent(&copy.name_any()).await?;
    sluice.terminate().await?;
    let _sluice = stage.start().await?;
    stage.absent(&copy.name_any()).await?;

    stage.change(&object, json!({ "metadata": { "finalizers": null } })).await?;
    let (_, again) = stage.pair(blue("a")).await?;
    assert_ne!(again.uid(), copy.uid());
    Ok(())
}

#[tokio::test]
async fn api_a_copy_that_waits_for_its_finalizer_is_left_and_then_comes_back() -> Result<()> {
    let stage = Stage::take("copy_held").await?;
    let _sluice = stage.start().await?;
    let (object, _) = stage.pair(blue("a")).await?;
    let copy = hold(&stage, &object).await?;
    stage.delete_below(&copy.name_any()).await?;
    let going = stage.physical_maps().get(&copy.name_any()).await?;
    assert!(going.metadata.deletion_timestamp.is_some(), "it is still there");

    let object = stage.change(&object, json!({ "data": { "colour": "red" } })).await?;
    stage.untouched(&going).await?;
    release(&stage, &copy).await?;
    stage.replaced(&object, &copy).await?;
    Ok(())
}

#[tokio::test]
async fn api_a_held_copy_does_not_come_back_when_its_virtual_object_is_gone() -> Result<()> {
    let stage = Stage::take("held_gone").await?;
    let _sluice = stage.start().await?;
    let (_, going) = going(&stage).await?;
    stage.untouched(&going).await?;
    release(&stage, &going).await?;
    stage.gone(&going.name_any()).await?;
    stage.absent(&going.name_any()).await
}

#[tokio::test]
async fn api_a_held_copy_makes_room_for_that_of_the_next_virtual_object_of_its_name() -> Result<()> {
    let stage = Stage::take("held_again").await?;
    let _sluice = stage.start().await?;
    let (object, going) = going(&stage).await?;
    let again = stage.create(json!({ "metadata": { "name": object.name_any() } })).await?;
    stage.untouched(&going).await?;
    release(&stage, &going).await?;
    stage.replaced(&again, &going).await?;
    Ok(())
}

/// A virtual object that is gone, and its copy that a finalizer holds.
async fn going(stage: &Stage) -> Result<(ConfigMap, ConfigMap)> {
    let (object, _) = stage.pair(blue("a")).await?;
    let copy = hold(stage, &object).await?;
    stage.delete(&object).await?;
    let deleted = async || {
        let copy = stage.physical_maps().get(&copy.name_any()).await.ok()?;
        copy.metadata.deletion_timestamp.is_some().then_some(copy)
    };
    Ok((object, eventually("the copy is going", deleted).await?))
}

/// Puts a finalizer on a copy. Returns it as it is now.
async fn hold(stage: &Stage, object: &ConfigMap) -> Result<ConfigMap> {
    stage.drift(&stage.copy_name(object), json!({ "metadata": { "finalizers": ["example.com/hold"] } })).await
}

async fn release(stage: &Stage, copy: &ConfigMap) -> Result<()> {
    stage.drift(&copy.name_any(), json!({ "metadata": { "finalizers": null } })).await.map(drop)
}
