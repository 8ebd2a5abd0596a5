//! Copies whose plugin registers no more what kept them, or is no longer there.

use super::shared;
use crate::shared_config::GRANTED;
use crate::support::{Stage, blue};
use anyhow::Result;
use kube::ResourceExt;
use sluice_tests::{Lab, eventually};

#[tokio::test]
async fn api_what_a_plugin_no_longer_registers_leaves_no_copies() -> Result<()> {
    let stage = Stage::take("retired").await?;
    let mut sluice = stage.start().await?;
    let (object, copy) = stage.pair(blue("a")).await?;
    // What is somebody else's is not among them.
    let theirs = stage.put(&blue("theirs")).await?;
    sluice.terminate().await?;

    // Another version of it, so to speak.
    stage.install("cluster-roles", "configmaps")?;
    let mut sluice = stage.start().await?;
    stage.gone(&copy.name_any()).await?;
    assert_eq!(stage.physical_maps().get("theirs").await?.resource_version(), theirs.resource_version());
    sluice.terminate().await?;

    stage.install("configmaps", "configmaps")?;
    let _sluice = stage.start().await?;
    stage.copied(&object).await?;
    Ok(())
}

#[tokio::test]
async fn api_copies_of_a_plugin_that_is_not_there_wait_for_it() -> Result<()> {
    let stage = Stage::take("absent_plugin").await?;
    let mut sluice = stage.start().await?;
    let (object, copy) = stage.pair(blue("a")).await?;
    sluice.terminate().await?;

    stage.uninstall("configmaps")?;
    stage.install("cluster-roles", "cluster-roles")?;
    let mut sluice = stage.start().await?;
    let record = async || {
        let record = stage.physical_maps().get("sluice-my-vcluster").await?;
        anyhow::Ok(record.data.is_some_and(|data| data.contains_key("cluster-roles.cluster-roles.down")))
    };
    eventually("what runs now is on record", record).await?;
    sluice.terminate().await?;
    let kept = stage.physical_maps().get(&copy.name_any()).await?;
    assert_eq!(kept.resource_version(), copy.resource_version());

    stage.uninstall("cluster-roles")?;
    stage.install("configmaps", "configmaps")?;
    let _sluice = stage.start().await?;
    assert_eq!(stage.copied(&object).await?.uid(), copy.uid());
    Ok(())
}

#[tokio::test]
async fn api_a_plugin_that_takes_all_takes_over_copies_as_they_are() -> Result<()> {
    let stage = Stage::with_plugins(Lab::take("take_over").await?, &["shared-config"], GRANTED)?;
    let mut sluice = stage.start().await?;
    let [object, gone] = [stage.create(shared("a")).await?, stage.create(shared("b")).await?];
    let copy = stage.copied_by("shared-config/shared-config", &object).await?;
    let copy_of_gone = stage.copied_by("shared-config/shared-config", &gone).await?;
    sluice.terminate().await?;

    stage.uninstall("shared_config")?;
    stage.install("configmaps", "configmaps")?;
    stage.delete(&gone).await?;
    let _sluice = stage.start().await?;
    assert_eq!(stage.copied(&object).await?.uid(), copy.uid(), "it is taken over, not made anew");
    stage.gone(&copy_of_gone.name_any()).await
}
