//! What happens while the runtime is down, and that nothing does while nothing changes.

use super::{CONFIG_MAPS, EVERYWHERE, barrier, config, stage, stands_in, written};
use crate::support::{calls, create_namespace, stop, things::NAMESPACES, writes};
use anyhow::Result;
use serde_json::json;

#[tokio::test]
async fn api_a_restart_writes_nothing_to_any_namespace() -> Result<()> {
    let stage = stage("quiet_config").await?;
    let mut sluice = stage.start().await?;
    let below = stage.lab.physical_plane.audit_mark();
    let start = stage.lab.virtual_plane.audit_mark();
    create_namespace(&stage.lab.virtual_client, "team").await?;
    stage.below(CONFIG_MAPS).put(config("rules", "blue")).await?;
    let all = ["default", "team"];
    stands_in(&stage, "rules", &all, "blue").await?;
    barrier(&stage).await?;
    assert_eq!(written(&stage, start)?, ["create default/rules", "create team/rules"]);

    for kill in [false, true] {
        let mark = stage.lab.virtual_plane.audit_mark();
        if kill {
            stage.kill(&mut sluice).await?;
        } else {
            stop(sluice).await?;
        }
        sluice = stage.start().await?;
        // What it has not seen settle, it asks about once.
        for namespace in all {
            assert_eq!(calls(&sluice, &format!("{namespace}/rules")), ["sync"], "{namespace}");
        }
        barrier(&stage).await?;
        // A change of a namespace, or of what no copy shows, is looked at, and that is all.
        let note = json!({ "metadata": { "annotations": { "note": "1" } } });
        stage.above(NAMESPACES, "").change("team", note).await?;
        let theirs = json!({ "metadata": { "finalizers": ["example.com/theirs"] } });
        stage.below(CONFIG_MAPS).change("rules", theirs).await?;
        barrier(&stage).await?;
        stage.below(CONFIG_MAPS).change("rules", json!({ "metadata": { "finalizers": null } })).await?;
        barrier(&stage).await?;
        assert_eq!(writes(&stage.asked_above(mark)?), []);
    }
    let mut asked = stage.asked_below(below)?;
    asked.retain(|event| event.name == "rules");
    assert_eq!(writes(&asked), []);
    Ok(())
}

#[tokio::test]
async fn api_what_came_and_went_while_the_runtime_was_down_comes_and_goes_at_its_start() -> Result<()> {
    let stage = stage("config_down").await?;
    let sluice = stage.start().await?;
    let below = stage.below(CONFIG_MAPS);
    create_namespace(&stage.lab.virtual_client, "team").await?;
    for name in ["stays", "changes", "loses-label", "deleted"] {
        below.put(config(name, "blue")).await?;
        stands_in(&stage, name, &["default", "team"], "blue").await?;
    }
    barrier(&stage).await?;
    let mark = stage.lab.virtual_plane.audit_mark();
    stop(sluice).await?;
    create_namespace(&stage.lab.virtual_client, "late").await?;
    below.change("changes", json!({ "data": { "colour": "red" } })).await?;
    below.change("loses-label", json!({ "metadata": { "labels": { EVERYWHERE: null } } })).await?;
    below.delete("deleted").await?;

    let _sluice = stage.start().await?;
    stands_in(&stage, "stays", &["default", "late", "team"], "blue").await?;
    stands_in(&stage, "changes", &["default", "late", "team"], "red").await?;
    stands_in(&stage, "loses-label", &[], "").await?;
    stands_in(&stage, "deleted", &[], "").await?;
    barrier(&stage).await?;
    let expected = [
        "create late/changes",
        "create late/stays",
        "delete default/deleted",
        "delete default/loses-label",
        "delete team/deleted",
        "delete team/loses-label",
        "patch default/changes",
        "patch team/changes",
    ];
    assert_eq!(written(&stage, mark)?, expected);
    Ok(())
}
