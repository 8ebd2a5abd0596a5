//! Four label keys are rewritten, as vCluster does it. The expected values are literals of its contract.

use crate::support::Stage;
use anyhow::{Context, Result};
use serde_json::json;

#[tokio::test]
async fn api_four_label_keys_are_rewritten_however_many_there_are() -> Result<()> {
    let mut stage = Stage::take("labels").await?;
    stage.lab.name = "suffix".into();
    let _sluice = stage.start().await?;
    let mut labels = json!({
        "release": "r",
        "vcluster.loft.sh/namespace": "n",
        "vcluster.loft.sh/managed-by": "m",
        // With a value, it would say: hands off.
        "vcluster.loft.sh/controlled-by": "",
        // A key that is already a rewritten one has no place.
        "vcluster.loft.sh/label-suffix-x-a4d451ec23": "forged",
        "vcluster.loft.sh/other": "o",
    });
    let mut expected = json!({
        "vcluster.loft.sh/label-suffix-x-a4d451ec23": "r",
        "vcluster.loft.sh/label-suffix-x-101dcd4e86": "n",
        "vcluster.loft.sh/label-suffix-x-e5f1b28ab2": "m",
        "vcluster.loft.sh/label-suffix-x-2080cec00f": "",
        "vcluster.loft.sh/other": "o",
        "vcluster.loft.sh/managed-by": "suffix",
        "vcluster.loft.sh/namespace": "default",
    });
    for number in 0..20 {
        let (key, value) = (format!("key-{number}"), number.to_string());
        labels[&key] = json!(value);
        expected[&key] = json!(value);
    }
    let object = stage.create(json!({ "metadata": { "name": "a", "labels": labels } })).await?;
    let mut copy = stage.expected(&object);
    copy["metadata"]["labels"] = expected.clone();
    stage.stands(&copy).await?;

    // The same on top of what stands there.
    let release = "vcluster.loft.sh/label-suffix-x-a4d451ec23";
    for (key, below, value) in [("release", release, Some("s")), ("key-7", "key-7", None), ("release", release, None)] {
        stage.change(&object, json!({ "metadata": { "labels": { key: value } } })).await?;
        let expected = expected.as_object_mut().context("no labels")?;
        match value {
            Some(value) => expected.insert(below.into(), json!(value)),
            None => expected.remove(below),
        };
        copy["metadata"]["labels"] = json!(expected);
        stage.stands(&copy).await?;
    }
    Ok(())
}

#[tokio::test]
async fn api_a_rewritten_key_of_a_long_cluster_name_is_hashed() -> Result<()> {
    let mut stage = Stage::take("long_label").await?;
    stage.lab.name = "a-quite-long-virtual-cluster-name-0123456789".into();
    let _sluice = stage.start().await?;
    let object = stage.create(json!({ "metadata": { "name": "a", "labels": { "release": "r" } } })).await?;
    let mut expected = stage.expected(&object);
    expected["metadata"]["labels"] = json!({
        "vcluster.loft.sh/label-a-quite-long-virtual-cluster--0a51d5542b": "r",
        "vcluster.loft.sh/managed-by": "a-quite-long-virtual-cluster-name-0123456789",
        "vcluster.loft.sh/namespace": "default",
    });
    stage.stands(&expected).await?;
    Ok(())
}
