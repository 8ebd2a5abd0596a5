//! What tenants do with it, and what was theirs before.

use super::{CONFIG_MAPS, barrier, config, stage, stands_in, written};
use crate::support::{create_namespace, things::text};
use anyhow::{Context, Result};
use k8s_openapi::api::events::v1::Event;
use kube::{Api, api::ListParams};
use serde_json::json;

#[tokio::test]
async fn api_what_a_tenant_makes_of_it_in_one_namespace_is_put_right_there() -> Result<()> {
    let stage = stage("config_drift").await?;
    let _sluice = stage.start().await?;
    create_namespace(&stage.lab.virtual_client, "team").await?;
    stage.below(CONFIG_MAPS).put(config("rules", "blue")).await?;
    let all = ["default", "team"];
    stands_in(&stage, "rules", &all, "blue").await?;
    barrier(&stage).await?;
    let mark = stage.lab.virtual_plane.audit_mark();
    let team = stage.above(CONFIG_MAPS, "team");

    team.change("rules", json!({ "data": { "colour": "mine", "more": "mine" } })).await?;
    stands_in(&stage, "rules", &all, "blue").await?;
    let data = json!({ "colour": "blue" });
    let right = team.until("rules", "is put right", |copy| copy["data"] == data).await?;
    team.delete("rules").await?;
    let anew = team.until("rules", "is made again", |copy| copy["metadata"]["uid"] != right["metadata"]["uid"]).await?;
    assert_eq!(anew["data"], data);
    // What concerns the one namespace is no reason to write to the other.
    barrier(&stage).await?;
    assert_eq!(written(&stage, mark)?, ["create team/rules", "patch team/rules"]);
    Ok(())
}

#[tokio::test]
async fn api_a_config_map_of_the_tenants_own_keeps_its_place_and_other_namespaces_get_theirs() -> Result<()> {
    let stage = stage("own_config").await?;
    let mut sluice = stage.start().await?;
    for namespace in ["team-a", "team-b"] {
        create_namespace(&stage.lab.virtual_client, namespace).await?;
    }
    let (taken, below) = (stage.above(CONFIG_MAPS, "team-a"), stage.below(CONFIG_MAPS));
    let own = taken.put(json!({ "metadata": { "name": "rules" }, "data": { "own": "1" } })).await?;
    below.put(config("rules", "blue")).await?;
    let note = stage.told_that(&own, "something is there already").await?;
    assert!(note.contains("remove or rename this one"), "{note}");
    assert!(!note.contains(&stage.lab.target_namespace), "it names what the tenant cannot see: {note}");
    let stand = async |colour: &str| {
        for namespace in ["default", "team-b"] {
            let is = |copy: &serde_json::Value| copy["data"]["colour"] == colour;
            stage.above(CONFIG_MAPS, namespace).until("rules", &format!("is {colour}"), is).await?;
        }
        anyhow::Ok(())
    };
    stand("blue").await?;
    // One Event, of the one whose place it is.
    let events: Api<Event> = Api::all(stage.lab.virtual_client.clone());
    let mut events = events.list(&ListParams::default()).await?.items;
    events.retain(|event| event.type_.as_deref() == Some("Warning"));
    let event = events.pop().context("no Event")?;
    assert!(events.is_empty(), "{events:?}");
    assert_eq!(event.reason.as_deref(), Some("SyncError"));
    let regarding = event.regarding.unwrap_or_default();
    assert_eq!((regarding.namespace.as_deref(), regarding.name.as_deref()), (Some("team-a"), Some("rules")));
    assert_eq!(regarding.uid.as_deref(), Some(text(&own, "/metadata/uid")));

    // Neither a change, nor a restart, nor its end is a reason to touch what is the tenant's.
    below.change("rules", json!({ "data": { "colour": "red" } })).await?;
    stand("red").await?;
    sluice.terminate().await?;
    let _sluice = stage.start().await?;
    barrier(&stage).await?;
    assert_eq!(taken.find("rules").await?, Some(own.clone()));
    below.delete("rules").await?;
    stands_in(&stage, "rules", &["team-a"], "").await?;
    barrier(&stage).await?;
    assert_eq!(taken.find("rules").await?, Some(own));

    // Once there is room, it comes.
    below.put(config("rules", "green")).await?;
    stand("green").await?;
    taken.delete("rules").await?;
    stands_in(&stage, "rules", &["default", "team-a", "team-b"], "green").await
}
