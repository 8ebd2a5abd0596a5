//! What others change on a copy is put right, unless it is theirs.

use crate::support::Stage;
use anyhow::Result;
use kube::ResourceExt;
use serde_json::{Value, json};

#[tokio::test]
async fn api_drift_of_content_and_labels_is_healed() -> Result<()> {
    let stage = Stage::take("drift").await?;
    let _sluice = stage.start().await?;
    let (object, copy) = stage.pair(original()).await?;
    for drift in [
        json!({ "data": { "colour": "red" } }),
        json!({ "data": { "size": "large" } }),
        json!({ "data": { "colour": null } }),
        json!({ "data": null, "binaryData": null }),
        json!({ "binaryData": { "logo": "AA==", "more": "AA==" } }),
        json!({ "metadata": { "labels": { "app": "other" } } }),
        json!({ "metadata": { "labels": { "app": null } } }),
        json!({ "metadata": { "labels": { "theirs": "goes" } } }),
        json!({ "metadata": { "annotations": { "note": "other" } } }),
        json!({ "metadata": { "annotations": { "note": null } } }),
        json!({ "immutable": false }),
    ] {
        stage.drift(&copy.name_any(), drift).await?;
        let healed = stage.copied(&object).await?;
        assert_eq!(healed.uid(), copy.uid(), "it is changed, not replaced");
    }
    Ok(())
}

#[tokio::test]
async fn api_markers_are_put_right() -> Result<()> {
    let stage = Stage::take("markers_right").await?;
    let _sluice = stage.start().await?;
    let (object, copy) = stage.pair(original()).await?;
    let markers =
        ["name", "namespace", "uid", "kind", "host-name", "host-namespace"].map(|key| format!("object-{key}"));
    for marker in markers.iter().map(String::as_str).chain(["managed-annotations"]) {
        for value in [Value::Null, json!("forged"), json!("")] {
            let annotations = json!({ format!("vcluster.loft.sh/{marker}"): value });
            stage.drift(&copy.name_any(), json!({ "metadata": { "annotations": annotations } })).await?;
            stage.copied(&object).await?;
        }
    }
    for label in ["managed-by", "namespace"] {
        let labels = json!({ format!("vcluster.loft.sh/{label}"): null });
        stage.drift(&copy.name_any(), json!({ "metadata": { "labels": labels } })).await?;
        stage.copied(&object).await?;
    }
    let all = json!({ "metadata": { "annotations": null } });
    stage.drift(&copy.name_any(), all).await?;
    stage.copied(&object).await?;
    Ok(())
}

#[tokio::test]
async fn api_annotations_of_others_stay_while_the_rest_is_healed() -> Result<()> {
    let stage = Stage::take("theirs").await?;
    let _sluice = stage.start().await?;
    let (object, copy) = stage.pair(original()).await?;
    let mut expected = stage.expected(&object);
    for (key, value) in [("theirs", "1"), ("example.com/theirs", ""), ("theirs", "2")] {
        let annotations = json!({ key: value });
        let drift = json!({ "data": { "colour": "red" }, "metadata": { "annotations": annotations } });
        stage.drift(&copy.name_any(), drift).await?;
        expected["metadata"]["annotations"][key] = json!(value);
        stage.stands(&expected).await?;
    }

    // An ignore label without a value ignores nothing, but it is theirs too.
    let labels = json!({ "vcluster.loft.sh/controlled-by": "", "other": "goes" });
    stage.drift(&copy.name_any(), json!({ "data": { "colour": "red" }, "metadata": { "labels": labels } })).await?;
    expected["metadata"]["labels"]["vcluster.loft.sh/controlled-by"] = json!("");
    stage.stands(&expected).await?;
    Ok(())
}

#[tokio::test]
async fn api_drift_while_the_runtime_was_down_is_healed_at_its_start() -> Result<()> {
    let stage = Stage::take("drift_down").await?;
    let mut sluice = stage.start().await?;
    let (object, copy) = stage.pair(original()).await?;
    let (changed, _) = stage.pair(json!({ "metadata": { "name": "b" }, "data": { "colour": "blue" } })).await?;
    sluice.terminate().await?;

    stage.drift(&copy.name_any(), json!({ "data": { "colour": "red" }, "metadata": { "labels": null } })).await?;
    let changed = stage.change(&changed, json!({ "data": { "colour": "green" } })).await?;
    let missed = stage.create(json!({ "metadata": { "name": "c" } })).await?;
    let _sluice = stage.start().await?;
    for object in [&object, &changed, &missed] {
        stage.copied(object).await?;
    }
    Ok(())
}

fn original() -> Value {
    json!({
        "metadata": { "name": "a", "labels": { "app": "shop" }, "annotations": { "note": "1" } },
        "data": { "colour": "blue" },
        "binaryData": { "logo": "iVBORw==" },
    })
}
