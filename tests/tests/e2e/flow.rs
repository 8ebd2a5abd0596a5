//! Create, update and delete flow down.

use crate::support::{Stage, blue, writes};
use anyhow::{Result, ensure};
use kube::ResourceExt;
use serde_json::json;
use sluice_tests::eventually;
use std::collections::BTreeSet;

#[tokio::test]
async fn api_a_created_config_map_gets_a_copy() -> Result<()> {
    let stage = Stage::take("created").await?;
    let _sluice = stage.start().await?;
    let object = stage.create(json!({
        "metadata": {
            "name": "settings",
            "labels": { "app": "shop", "example.com/tier": "" },
            "annotations": { "note": "line\nbreak, \"quotes\" and \u{1f600}", "example.com/empty": "" },
        },
        "data": { "colour": "blue", "empty": "", "app.yaml": "a:\n  b: \"\\u0041\\\\ \u{7f}ü\"\n" },
        "binaryData": { "logo.png": "iVBORw0KGgo=", "none": "" },
    }));
    let copy = stage.copied(&object.await?).await?;
    assert_eq!(copy.name_any(), "settings-x-default-x-my-vcluster");
    Ok(())
}

#[tokio::test]
async fn api_what_was_there_before_the_start_gets_a_copy() -> Result<()> {
    let stage = Stage::take("before").await?;
    let object = stage.create(blue("early")).await?;
    let _sluice = stage.start().await?;
    // Not only after a while: the runtime says that it has started when all is in step.
    let copy = stage.physical_maps().get("early-x-default-x-my-vcluster").await?;
    assert_eq!(copy.uid(), stage.copied(&object).await?.uid());
    Ok(())
}

#[tokio::test]
async fn api_every_kind_of_change_flows_down() -> Result<()> {
    let stage = Stage::take("changes").await?;
    let _sluice = stage.start().await?;
    let (mut object, first) = stage.pair(json!({
        "metadata": { "name": "a", "labels": { "stays": "1", "goes": "1" }, "annotations": { "stays": "1", "goes": "1" } },
        "data": { "stays": "1", "changes": "1", "goes": "1" },
        "binaryData": { "stays-too": "AQ==", "changes-too": "AQ==", "goes-too": "AQ==" },
    })).await?;

    for change in [
        json!({ "data": { "changes": "2" } }),
        json!({ "data": { "comes": "1", "goes": null } }),
        json!({ "binaryData": { "changes-too": "Ag==", "comes-too": "AQ==", "goes-too": null } }),
        json!({ "metadata": { "labels": { "stays": "2", "comes": "1", "goes": null } } }),
        json!({ "metadata": { "annotations": { "stays": "2", "comes": "1", "goes": null } } }),
        json!({ "data": { "changes": "3" }, "metadata": { "labels": { "comes": "2" }, "annotations": { "comes": "2" } } }),
        // From the one kind of data to the other, and nothing left of either.
        json!({ "data": { "changes": null }, "binaryData": { "changes": "Aw==" } }),
        json!({ "data": null, "binaryData": null }),
        json!({ "metadata": { "labels": null, "annotations": null } }),
        json!({ "data": { "last": "1" }, "immutable": false }),
        json!({ "immutable": true }),
        json!({ "metadata": { "labels": { "on": "an-immutable-one" } } }),
    ] {
        object = stage.change(&object, change).await?;
        let copy = stage.copied(&object).await?;
        assert_eq!(copy.uid(), first.uid(), "it is changed, not replaced");
    }
    Ok(())
}

#[tokio::test]
async fn api_a_deleted_config_map_takes_its_copy_with_it() -> Result<()> {
    let stage = Stage::take("deleted").await?;
    let _sluice = stage.start().await?;
    let (object, copy) = stage.pair(blue("a")).await?;
    let (_, kept) = stage.pair(blue("b")).await?;

    stage.delete(&object).await?;
    stage.gone(&copy.name_any()).await?;
    stage.absent(&copy.name_any()).await?;
    stage.untouched(&kept).await
}

#[tokio::test]
async fn api_the_largest_config_map_flows_down() -> Result<()> {
    const MOST: usize = (1 << 20) - "all".len();
    let stage = Stage::take("largest").await?;
    let _sluice = stage.start().await?;
    // An API server takes 1 MiB of data, keys and values together, in a request of 3 MiB: JSON has each of these
    // control characters in 6 bytes.
    let (mut object, _) =
        stage.pair(json!({ "metadata": { "name": "a" }, "data": { "all": "x".repeat(MOST) } })).await?;
    for value in ["\"\u{1f600}\n".repeat(MOST / 6), "\u{1}".repeat(520_000), "y".repeat(MOST)] {
        object = stage.change(&object, json!({ "data": { "all": value } })).await?;
        stage.copied(&object).await?;
    }
    Ok(())
}

#[tokio::test]
async fn api_a_burst_of_changes_ends_in_step() -> Result<()> {
    let stage = Stage::take("burst").await?;
    let _sluice = stage.start().await?;
    let mut objects = Vec::new();
    for number in 0..40 {
        objects.push(stage.create(json!({ "metadata": { "name": format!("map-{number}") } })).await?);
    }
    for round in 0..3 {
        for object in &mut objects {
            *object = stage.change(object, json!({ "data": { "round": round.to_string() } })).await?;
        }
    }
    let gone = objects.split_off(20);
    for object in &gone {
        stage.delete(object).await?;
        objects
            .push(stage.create(json!({ "metadata": { "name": object.name_any() }, "data": { "again": "1" } })).await?);
    }
    let gone = objects.split_off(30);
    for object in &gone {
        stage.delete(object).await?;
    }
    for object in &objects {
        stage.copied(object).await?;
    }
    for object in &gone {
        stage.gone(&stage.copy_name(object)).await?;
    }
    Ok(())
}

#[tokio::test]
async fn api_an_end_in_the_midst_of_work_loses_and_repeats_nothing() -> Result<()> {
    let stage = Stage::take("midst").await?;
    let mark = stage.lab.physical_plane.audit_mark();
    let mut objects = Vec::new();
    for number in 0..150 {
        objects.push(stage.create(json!({ "metadata": { "name": format!("map-{number}") } })).await?);
    }
    for kill in [false, true] {
        let mut sluice = stage.launch()?;
        let before = stage.asked_below(mark)?.len();
        eventually("some copies are made", async || {
            let made = writes(&stage.asked_below(mark)?).len();
            ensure!(made > before + 10, "{made} are made");
            Ok(())
        })
        .await?;
        if kill {
            stage.kill(&mut sluice).await?;
        } else {
            sluice.terminate().await?;
            let cut = stage.asked_below(mark)?.into_iter().find(|event| event.is_write() && event.code >= 300);
            assert!(cut.is_none(), "a stop waits for the writes under way: {cut:?}");
        }
    }
    let _sluice = stage.start().await?;
    for object in &objects {
        stage.copied(object).await?;
    }
    let mut made = stage.asked_below(mark)?;
    made.retain(|event| event.code == 201);
    let names: BTreeSet<_> = made.iter().map(|event| &event.name).collect();
    assert_eq!(writes(&made).len(), names.len(), "something is made twice");
    Ok(())
}
