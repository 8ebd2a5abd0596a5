//! ConfigMaps that both sides change: key by key, the virtual side first.

use crate::support::{Stage, things::Kind, writes};
use anyhow::Result;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;
use serde_json::{Value, json};
use sluice_tests::{Lab, plane::AuditMark};

pub(crate) const SHARED: &str = "sluice.example.com/shared";
/// What it asks for, and has.
pub(crate) const GRANTED: &str = "
plugins:
  shared-config:
    grants:
    - { side: virtual, kind: ConfigMap, verbs: [update] }
";
const CONFIG_MAPS: Kind = Kind("v1", "ConfigMap", "configmaps");

async fn take(test_name: &str) -> Result<Stage> {
    Stage::with_plugins(Lab::take(test_name).await?, &["shared-config"], GRANTED)
}

/// Makes a shared ConfigMap and waits for its copy.
async fn share(stage: &Stage, name: &str, data: Value) -> Result<ConfigMap> {
    let metadata = json!({ "name": name, "labels": { SHARED: "true" } });
    let object = stage.create(json!({ "metadata": metadata, "data": data })).await?;
    shared(stage, &object, data).await?;
    Ok(object)
}

/// Waits until both sides have just this data. The copy is as it should be in all else.
async fn shared(stage: &Stage, object: &ConfigMap, data: Value) -> Result<()> {
    let above = stage.above(CONFIG_MAPS, "default");
    let has = |now: &Value| now.get("data").unwrap_or(&json!({})) == &data;
    let now = above.until(&object.name_any(), &format!("has {data}"), has).await?;
    let mut expected = stage.expected(&serde_json::from_value(now)?);
    expected["metadata"]["annotations"]["vcluster.loft.sh/object-syncer"] = json!("shared-config/shared-config");
    stage.stands(&expected).await.map(drop)
}

/// Waits until the runtime has seen all that happened on either side.
async fn barrier(stage: &Stage, name: &str) -> Result<()> {
    let object = share(stage, name, json!({ "a": "1" })).await?;
    stage.drift(&stage.copy_name(&object), json!({ "data": { "a": "2" } })).await?;
    shared(stage, &object, json!({ "a": "2" })).await
}

/// The writes of a ConfigMap and of its copy since the marks.
fn written(stage: &Stage, object: &ConfigMap, [above, below]: [AuditMark; 2]) -> Result<[Vec<String>; 2]> {
    let about = |asked: &[_], name: &str| -> Vec<String> {
        writes(asked).into_iter().filter(|(_, about)| *about == name).map(|(verb, _)| verb.to_owned()).collect()
    };
    Ok([
        about(&stage.asked_above(above)?, &object.name_any()),
        about(&stage.asked_below(below)?, &stage.copy_name(object)),
    ])
}

fn marks(stage: &Stage) -> [AuditMark; 2] {
    [stage.lab.virtual_plane.audit_mark(), stage.lab.physical_plane.audit_mark()]
}

#[tokio::test]
async fn api_a_change_of_shared_data_on_one_side_comes_to_the_other() -> Result<()> {
    let stage = take("shared_one").await?;
    let _sluice = stage.start().await?;
    let object = share(&stage, "a", json!({ "stays": "1", "above": "1", "below": "1" })).await?;
    let copy = stage.copy_name(&object);

    stage.change(&object, json!({ "data": { "above": "2", "new": "1" } })).await?;
    shared(&stage, &object, json!({ "stays": "1", "above": "2", "below": "1", "new": "1" })).await?;
    stage.drift(&copy, json!({ "data": { "below": "2", "newer": "1" } })).await?;
    shared(&stage, &object, json!({ "stays": "1", "above": "2", "below": "2", "new": "1", "newer": "1" })).await?;

    stage.change(&object, json!({ "data": { "above": null, "newer": null } })).await?;
    shared(&stage, &object, json!({ "stays": "1", "below": "2", "new": "1" })).await?;
    stage.drift(&copy, json!({ "data": { "below": null, "new": null } })).await?;
    shared(&stage, &object, json!({ "stays": "1" })).await?;
    stage.drift(&copy, json!({ "data": null })).await?;
    shared(&stage, &object, json!({})).await?;

    // All but the data is the virtual side's.
    let labels = json!({ "metadata": { "labels": { "theirs": "1" } }, "binaryData": { "logo": "AA==" } });
    stage.drift(&copy, labels).await?;
    shared(&stage, &object, json!({})).await?;
    stage
        .change(&object, json!({ "metadata": { "labels": { "team": "a" } }, "binaryData": { "logo": "AQ==" } }))
        .await?;
    shared(&stage, &object, json!({})).await?;
    stage.delete(&object).await?;
    stage.gone(&copy).await
}

#[tokio::test]
async fn api_changes_of_shared_data_on_both_sides_are_merged_and_the_virtual_side_wins() -> Result<()> {
    let stage = take("shared_both").await?;
    let mut sluice = stage.start().await?;
    let before = json!({ "same": "1", "above": "1", "below": "1", "gone-above": "1", "gone-below": "1", "kept": "1" });
    let object = share(&stage, "a", before).await?;

    sluice.signal("STOP")?;
    let above = json!({ "same": "above", "above": "2", "gone-above": null, "kept": "2", "new": "above" });
    stage.change(&object, json!({ "data": above })).await?;
    let below =
        json!({ "same": "below", "below": "2", "gone-above": "2", "gone-below": null, "kept": null, "new": "below" });
    stage.drift(&stage.copy_name(&object), json!({ "data": below })).await?;
    sluice.signal("CONT")?;
    shared(&stage, &object, json!({ "same": "above", "above": "2", "below": "2", "kept": "2", "new": "above" })).await
}

#[tokio::test]
async fn api_shared_data_that_both_sides_have_is_not_written_again() -> Result<()> {
    let stage = take("shared_silent").await?;
    let mut sluice = stage.start().await?;
    let start = marks(&stage);
    let object = share(&stage, "a", json!({ "a": "1", "b": "1" })).await?;
    stage.drift(&stage.copy_name(&object), json!({ "data": { "a": "2" } })).await?;
    shared(&stage, &object, json!({ "a": "2", "b": "1" })).await?;
    stage.change(&object, json!({ "data": { "b": "2" } })).await?;
    shared(&stage, &object, json!({ "a": "2", "b": "2" })).await?;
    barrier(&stage, "barrier-1").await?;
    // One for the change below, and one each for the copy and the change above.
    let [above, below] = written(&stage, &object, start)?;
    assert_eq!((above, below), (vec!["patch".to_owned()], vec!["create".into(), "patch".into()]));

    let settled = marks(&stage);
    barrier(&stage, "barrier-2").await?;
    sluice.terminate().await?;
    let _sluice = stage.start().await?;
    barrier(&stage, "barrier-3").await?;
    assert_eq!(written(&stage, &object, settled)?, [vec![], Vec::<String>::new()]);
    Ok(())
}

#[tokio::test]
async fn api_shared_data_that_was_changed_while_the_runtime_was_down_is_kept() -> Result<()> {
    let stage = take("shared_down").await?;
    let mut sluice = stage.start().await?;
    let object = share(&stage, "a", json!({ "a": "1", "b": "1", "c": "1" })).await?;
    sluice.terminate().await?;
    stage.change(&object, json!({ "data": { "a": "above", "new": "1" } })).await?;
    stage.drift(&stage.copy_name(&object), json!({ "data": { "a": "below", "c": null, "newer": "1" } })).await?;
    // Nobody can know what was taken away: keys of either side stay.
    let _sluice = stage.start().await?;
    shared(&stage, &object, json!({ "a": "above", "b": "1", "c": "1", "new": "1", "newer": "1" })).await
}
