//! A copy lives as long as its virtual object, and never longer.

use crate::support::Stage;
use anyhow::Result;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    ResourceExt,
    api::{DeleteParams, ListParams},
};
use serde_json::json;
use sluice_tests::{Sluice, eventually};

#[tokio::test]
async fn api_a_deleted_copy_comes_back() -> Result<()> {
    let stage = Stage::take("comes_back").await?;
    let mut sluice = stage.start().await?;
    let (object, first) = stage.pair(blue("a")).await?;
    let (other, _) = stage.pair(blue("b")).await?;

    delete_copy(&stage, &first).await?;
    let second = replaced(&stage, &object, &first).await?;

    // All at once, and while nobody looks.
    stage.physical_maps().delete_collection(&DeleteParams::default(), &ListParams::default()).await?;
    let third = replaced(&stage, &object, &second).await?;
    stage.copied(&other).await?;
    sluice.terminate().await?;
    delete_copy(&stage, &third).await?;
    let _sluice = stage.start().await?;
    replaced(&stage, &object, &third).await?;
    Ok(())
}

#[tokio::test]
async fn api_what_was_deleted_while_the_runtime_was_down_takes_its_copy_with_it() -> Result<()> {
    let stage = Stage::take("deleted_down").await?;
    let mut sluice = stage.start().await?;
    let (kept, kept_copy) = stage.pair(blue("kept")).await?;
    for (name, killed) in [("terminated", false), ("killed", true)] {
        let (object, copy) = stage.pair(blue(name)).await?;
        if killed {
            kill(&stage, &mut sluice).await?;
        } else {
            sluice.terminate().await?;
        }
        stage.delete(&object).await?;
        sluice = stage.start().await?;
        stage.gone(&copy.name_any()).await?;
    }
    assert_eq!(stage.copied(&kept).await?.uid(), kept_copy.uid());
    Ok(())
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
    let mut of_nobody = orphan.clone();
    of_nobody["metadata"]["annotations"] = json!({ "theirs": "1" });

    for left in [of_another_cluster, of_nobody] {
        stage.put(&left).await?;
        stage.barrier().await?;
        stage.stands(&left).await?;
        stage.physical_maps().delete(&stage.copy_name(&object), &DeleteParams::default()).await?;
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

    kill(&stage, &mut sluice).await?;
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
        copy = replaced(&stage, &object, &copy).await?;
    }
    Ok(())
}

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
    stage.barrier().await?;
    sluice.terminate().await?;
    let _sluice = stage.start().await?;
    assert_eq!(stage.physical_maps().get_opt(&copy.name_any()).await?, None, "it does not come back");

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
    delete_copy(&stage, &copy).await?;
    let going = stage.physical_maps().get(&copy.name_any()).await?;
    assert!(going.metadata.deletion_timestamp.is_some(), "it is still there");

    let object = stage.change(&object, json!({ "data": { "colour": "red" } })).await?;
    stage.barrier().await?;
    let left = stage.physical_maps().get(&copy.name_any()).await?;
    assert_eq!(left.resource_version(), going.resource_version(), "nobody writes to what is going");

    release(&stage, &copy).await?;
    replaced(&stage, &object, &copy).await?;
    Ok(())
}

#[tokio::test]
async fn api_a_held_copy_of_what_is_gone_or_made_again_makes_room_when_it_goes() -> Result<()> {
    let stage = Stage::take("held_and_gone").await?;
    let _sluice = stage.start().await?;
    for again in [false, true] {
        let (object, _) = stage.pair(blue("a")).await?;
        let copy = hold(&stage, &object).await?;
        stage.delete(&object).await?;
        eventually("the copy is going", async || {
            let copy = stage.physical_maps().get(&copy.name_any()).await.ok()?;
            copy.metadata.deletion_timestamp
        })
        .await?;
        let made = if again { Some(stage.create(json!({ "metadata": { "name": "a" } })).await?) } else { None };
        stage.barrier().await?;
        assert_eq!(stage.physical_maps().get(&copy.name_any()).await?.uid(), copy.uid(), "it is still there");

        release(&stage, &copy).await?;
        match made {
            Some(made) => drop(replaced(&stage, &made, &copy).await?),
            None => {
                stage.gone(&copy.name_any()).await?;
                stage.barrier().await?;
                assert_eq!(stage.physical_maps().get_opt(&copy.name_any()).await?, None, "it does not come back");
            }
        }
    }
    Ok(())
}

fn blue(name: &str) -> serde_json::Value {
    json!({ "metadata": { "name": name }, "data": { "colour": "blue" } })
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
    let copy = replaced(stage, &again, copy).await?;
    Ok((again, copy))
}

/// Waits until the copy is as it should be, and another than before.
async fn replaced(stage: &Stage, object: &ConfigMap, before: &ConfigMap) -> Result<ConfigMap> {
    eventually("there is another copy", async || {
        let copy = stage.physical_maps().get(&before.name_any()).await.ok()?;
        (copy.uid() != before.uid()).then_some(())
    })
    .await?;
    stage.copied(object).await
}

async fn delete_copy(stage: &Stage, copy: &ConfigMap) -> Result<()> {
    stage.physical_maps().delete(&copy.name_any(), &DeleteParams::default()).await?;
    Ok(())
}

/// Puts a finalizer on a copy. Returns it as it is now.
async fn hold(stage: &Stage, object: &ConfigMap) -> Result<ConfigMap> {
    stage.drift(&stage.copy_name(object), json!({ "metadata": { "finalizers": ["example.com/hold"] } })).await
}

async fn release(stage: &Stage, copy: &ConfigMap) -> Result<()> {
    stage.drift(&copy.name_any(), json!({ "metadata": { "finalizers": null } })).await?;
    Ok(())
}

async fn kill(stage: &Stage, sluice: &mut Sluice) -> Result<()> {
    sluice.kill9();
    stage.free_lease().await
}
