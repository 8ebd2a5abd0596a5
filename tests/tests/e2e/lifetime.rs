//! A copy lives as long as its virtual object, and never longer.

use crate::support::{Stage, blue};
use anyhow::Result;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    ResourceExt,
    api::{DeleteParams, ListParams},
};
use serde_json::json;
use sluice_tests::Sluice;

#[tokio::test]
async fn api_a_deleted_copy_comes_back() -> Result<()> {
    let stage = Stage::take("comes_back").await?;
    let mut sluice = stage.start().await?;
    let (object, first) = stage.pair(blue("a")).await?;
    let (other, _) = stage.pair(blue("b")).await?;

    stage.delete_below(&first.name_any()).await?;
    let second = stage.replaced(&object, &first).await?;

    // All at once, and while nobody looks.
    stage.physical_maps().delete_collection(&DeleteParams::default(), &ListParams::default()).await?;
    let third = stage.replaced(&object, &second).await?;
    stage.copied(&other).await?;
    sluice.terminate().await?;
    stage.delete_below(&third.name_any()).await?;
    let _sluice = stage.start().await?;
    stage.replaced(&object, &third).await?;
    Ok(())
}

#[tokio::test]
async fn api_what_was_deleted_while_the_runtime_was_down_takes_its_copy_with_it() -> Result<()> {
    let stage = Stage::take("deleted_down").await?;
    let mut sluice = stage.start().await?;
    let (_, kept) = stage.pair(blue("kept")).await?;
    for (name, killed) in [("terminated", false), ("killed", true)] {
        let (object, copy) = stage.pair(blue(name)).await?;
        if killed {
            stage.kill(&mut sluice).await?;
        } else {
            sluice.terminate().await?;
        }
        stage.delete(&object).await?;
        sluice = stage.start().await?;
        stage.gone(&copy.name_any()).await?;
    }
    stage.untouched(&kept).await
}

#[tokio::test]
async fn api_a_copy_of_nothing_is_removed_if_it_is_ours() -> Result<()> {
    let stage = Stage::take("orphans").await?;
    let _sluice = stage.start().await?;
    let mut object = ConfigMap::default();
    (object.metadata.name, object.metadata.namespace) = (Some("never".into()), Some("default".into()));
    object.metadata.uid = Some("11111111-1111-1111-1111-111111111111".into());
    let orphan = stage.expected(&object);
    let mut of_another_cluster = orphan.clone();
    of_another_cluster["metadata"]["labels"]["vcluster.loft.sh/managed-by"] = json!("another");
    // As it is restored from a backup of the target namespace into another one.
    let mut of_another_namespace = orphan.clone();
    of_another_namespace["metadata"]["annotations"]["vcluster.loft.sh/object-host-namespace"] = json!("another");
    let mut of_nobody = orphan.clone();
    of_nobody["metadata"]["annotations"] = json!({ "theirs": "1" });

    for left in [of_another_cluster, of_another_namespace, of_nobody] {
        let left = stage.put(&left).await?;
        stage.untouched(&left).await?;
        stage.delete_below(&left.name_any()).await?;
    }
    stage.put(&orphan).await?;
    stage.gone(&stage.copy_name(&object)).await
}

#[tokio::test]
async fn api_what_was_made_again_under_its_name_gets_a_new_copy() -> Result<()> {
    let stage = Stage::take("made_again").await?;
    let mut sluice = stage.start().await?;
    let (object, copy) = stage.pair(blue("a")).await?;
    let (object, copy) = make_again(&stage, &object, &copy, None).await?;

    sluice.terminate().await?;
    let (object, copy) = make_again(&stage, &object, &copy, Some(&mut sluice)).await?;

    stage.kill(&mut sluice).await?;
    make_again(&stage, &object, &copy, Some(&mut sluice)).await?;
    Ok(())
}

#[tokio::test]
async fn api_an_immutable_config_map_is_replaced() -> Result<()> {
    let stage = Stage::take("immutable").await?;
    let mut sluice = stage.start().await?;
    let immutable = |colour| json!({ "metadata": { "name": "a" }, "data": { "colour": colour }, "immutable": true });
    let (mut object, mut copy) = stage.pair(immutable("blue")).await?;
    for (colour, down) in [("red", false), ("green", true)] {
        if down {
            sluice.terminate().await?;
        }
        stage.delete(&object).await?;
        object = stage.create(immutable(colour)).await?;
        if down {
            sluice = stage.start().await?;
        }
        copy = stage.replaced(&object, &copy).await?;
    }
    Ok(())
}

/// Deletes a virtual object and makes another one of its name, then starts the runtime if it is down.
async fn make_again(
    stage: &Stage,
    object: &ConfigMap,
    copy: &ConfigMap,
    down: Option<&mut Sluice>,
) -> Result<(ConfigMap, ConfigMap)> {
    stage.delete(object).await?;
    let again = stage.create(json!({ "metadata": { "name": object.name_any() }, "data": { "size": "large" } })).await?;
    assert_ne!(again.uid(), object.uid());
    if let Some(sluice) = down {
        *sluice = stage.start().await?;
    }
    let copy = stage.replaced(&again, copy).await?;
    Ok((again, copy))
}
