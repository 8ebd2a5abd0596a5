//! An object that its label gives from one plugin to the other.

use super::{BY_LABEL, shared};
use crate::shared_config::SHARED;
use crate::support::{Stage, blue, writes};
use anyhow::Result;
use kube::ResourceExt;
use serde_json::{Value, json};
use sluice_tests::Lab;

const SHARING: &str = "shared-config/shared-config";

#[tokio::test]
async fn api_an_object_that_changes_hands_has_one_copy_and_there_is_no_fight() -> Result<()> {
    let lab = Lab::take("hands").await?;
    let stage = Stage::with_plugins(lab, &["configmaps", "shared-config"], BY_LABEL)?;
    let _sluice = stage.start().await?;
    let (mut object, copy) = stage.pair(blue("a")).await?;
    let name = copy.name_any();
    for (label, syncer) in [(json!("true"), SHARING), (Value::Null, "configmaps/configmaps"), (json!("true"), SHARING)]
    {
        let (above, below) = (stage.lab.virtual_plane.audit_mark(), stage.lab.physical_plane.audit_mark());
        object = stage.change(&object, json!({ "metadata": { "labels": { SHARED: label } } })).await?;
        stage.copied_by(syncer, &object).await?;
        // Neither of them has anything more to say, whatever comes.
        stage.barrier().await?;
        let other = stage.create(shared("other")).await?;
        let copy = stage.copied_by(SHARING, &other).await?;
        stage.delete(&other).await?;
        stage.gone(&copy.name_any()).await?;

        stage.copied_by(syncer, &object).await?;
        let asked = stage.asked_below(below)?;
        let written: Vec<_> = writes(&asked).into_iter().filter(|(_, about)| *about == name).collect();
        assert_eq!(written, [("delete", name.as_str()), ("create", name.as_str())]);
        assert_eq!(writes(&stage.asked_above(above)?), []);
    }
    stage.delete(&object).await?;
    stage.gone(&name).await
}

#[tokio::test]
async fn api_an_object_that_changed_hands_while_the_runtime_was_down_has_one_copy() -> Result<()> {
    let lab = Lab::take("hands_down").await?;
    let stage = Stage::with_plugins(lab, &["configmaps", "shared-config"], BY_LABEL)?;
    let mut sluice = stage.start().await?;
    let (plain, _) = stage.pair(blue("plain")).await?;
    let other = stage.create(shared("shared")).await?;
    stage.copied_by(SHARING, &other).await?;
    sluice.terminate().await?;
    let plain = stage.change(&plain, json!({ "metadata": { "labels": { SHARED: "true" } } })).await?;
    let other = stage.change(&other, json!({ "metadata": { "labels": null } })).await?;
    let _sluice = stage.start().await?;
    stage.copied_by(SHARING, &plain).await?;
    stage.copied(&other).await?;
    Ok(())
}
