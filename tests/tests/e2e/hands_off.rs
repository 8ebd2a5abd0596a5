//! `controlled-by` on either side, as a label or as an annotation: hands off.

use crate::support::{Stage, blue, writes};
use anyhow::Result;
use kube::ResourceExt;
use serde_json::{Value, json};

const CONTROLLED_BY: &str = "vcluster.loft.sh/controlled-by";
const KINDS: [&str; 2] = ["labels", "annotations"];

#[tokio::test]
async fn api_a_virtual_object_that_another_controls_gets_no_copy() -> Result<()> {
    let stage = Stage::take("virtual_ignored").await?;
    let _sluice = stage.start().await?;
    for kind in KINDS {
        let object = stage.create(json!({ "metadata": { "name": kind, kind: { CONTROLLED_BY: "someone" } } })).await?;
        stage.absent(&stage.copy_name(&object)).await?;
        let object = stage.change(&object, controlled(kind, Value::Null)).await?;
        stage.copied(&object).await?;
    }
    Ok(())
}

#[tokio::test]
async fn api_a_pair_is_left_alone_while_another_controls_its_virtual_object() -> Result<()> {
    let stage = Stage::take("virtual_taken").await?;
    let _sluice = stage.start().await?;
    for kind in KINDS {
        let (object, copy) = stage.pair(blue(kind)).await?;
        let object = stage.change(&object, controlled(kind, "someone".into())).await?;
        let object = stage.change(&object, json!({ "data": { "colour": "red" } })).await?;
        stage.untouched(&copy).await?;
        let drifted = stage.drift(&copy.name_any(), json!({ "data": { "size": "large" } })).await?;
        stage.untouched(&drifted).await?;

        let object = stage.change(&object, controlled(kind, Value::Null)).await?;
        stage.copied(&object).await?;
    }
    Ok(())
}

#[tokio::test]
async fn api_a_copy_that_another_controls_is_left_alone() -> Result<()> {
    let stage = Stage::take("copy_taken").await?;
    let _sluice = stage.start().await?;
    for kind in KINDS {
        let (object, copy) = stage.pair(blue(kind)).await?;
        stage.drift(&copy.name_any(), controlled(kind, "someone".into())).await?;
        let taken = stage.drift(&copy.name_any(), json!({ "data": { "colour": "red" } })).await?;
        let object = stage.change(&object, json!({ "data": { "size": "large" } })).await?;
        stage.untouched(&taken).await?;
        stage.drift(&copy.name_any(), controlled(kind, Value::Null)).await?;
        stage.copied(&object).await?;

        // Nor does it go with its virtual object.
        let taken = stage.drift(&copy.name_any(), controlled(kind, "someone".into())).await?;
        stage.delete(&object).await?;
        stage.untouched(&taken).await?;
        stage.drift(&copy.name_any(), controlled(kind, Value::Null)).await?;
        stage.gone(&copy.name_any()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn api_the_annotation_with_its_own_name_is_no_reason_to_keep_off() -> Result<()> {
    let stage = Stage::take("own_name").await?;
    let _sluice = stage.start().await?;
    for (name, by) in [("own", "configmaps"), ("nobody", "")] {
        let metadata = json!({ "name": name, "annotations": { CONTROLLED_BY: by } });
        let (object, copy) = stage.pair(json!({ "metadata": metadata })).await?;
        let object = stage.change(&object, json!({ "data": { "colour": "red" } })).await?;
        stage.copied(&object).await?;
        stage.delete(&object).await?;
        stage.gone(&copy.name_any()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn api_hands_stay_off_over_a_restart() -> Result<()> {
    let stage = Stage::take("off_restart").await?;
    let mut sluice = stage.start().await?;
    let (above, above_copy) = stage.pair(blue("above")).await?;
    let (below, below_copy) = stage.pair(blue("below")).await?;
    sluice.terminate().await?;

    let above = stage.change(&above, controlled("labels", "someone".into())).await?;
    stage.change(&above, json!({ "data": { "colour": "red" } })).await?;
    stage.drift(&below_copy.name_any(), controlled("labels", "someone".into())).await?;
    stage.delete(&below).await?;
    let mark = stage.lab.physical_plane.audit_mark();
    let _sluice = stage.start().await?;
    stage.barrier().await?;

    let copies = [above_copy.name_any(), below_copy.name_any()];
    let asked = stage.asked_below(mark)?;
    assert!(!writes(&asked).iter().any(|(_, name)| copies.iter().any(|copy| copy == name)), "{asked:?}");
    Ok(())
}

/// A patch that says who is in control.
fn controlled(kind: &str, by: Value) -> Value {
    json!({ "metadata": { kind: { CONTROLLED_BY: by } } })
}
