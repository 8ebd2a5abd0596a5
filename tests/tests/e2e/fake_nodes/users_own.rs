//! Nodes that a user made, and what a user makes of the others.

use super::{NODES, PODS, barrier, is_ready, pod, stage, uid};
use crate::support::things::marker;
use anyhow::Result;
use serde_json::{Value, json};

#[tokio::test]
async fn api_a_node_of_the_users_own_is_left_alone_though_pods_name_it() -> Result<()> {
    let stage = stage("own_node").await?;
    let mut sluice = stage.start().await?;
    let (nodes, pods) = (stage.above(NODES, ""), stage.above(PODS, "default"));
    let own = |name: &str| json!({ "metadata": { "name": name, "labels": { "owner": "user" } } });

    // There before the Pod, or made at the same time.
    let before = nodes.put(own("before")).await?;
    pods.put(pod("one", Some("before"))).await?;
    sluice.signal("STOP")?;
    pods.put(pod("two", Some("meanwhile"))).await?;
    let meanwhile = nodes.put(own("meanwhile")).await?;
    sluice.signal("CONT")?;
    barrier(&stage).await?;
    assert_eq!(nodes.find("before").await?, Some(before.clone()));
    assert_eq!(nodes.find("meanwhile").await?, Some(meanwhile.clone()));

    // Neither at a restart, nor with the Pods.
    sluice.terminate().await?;
    let _sluice = stage.start().await?;
    barrier(&stage).await?;
    assert_eq!(nodes.find("before").await?, Some(before.clone()));
    pods.delete("one").await?;
    barrier(&stage).await?;
    assert_eq!(nodes.find("before").await?, Some(before));
    assert_eq!(nodes.find("meanwhile").await?, Some(meanwhile));

    // A Pod still names the other: once there is room, one is made.
    nodes.delete("meanwhile").await?;
    let node = nodes.until("meanwhile", "is made, and ready", is_ready).await?;
    assert_eq!(marker(&node, "object-syncer"), "fake-nodes/fake-nodes");
    assert_eq!(node["metadata"]["labels"].get("owner"), None);
    Ok(())
}

#[tokio::test]
async fn api_what_a_user_says_of_a_fake_node_stays() -> Result<()> {
    let stage = stage("labelled_node").await?;
    let mut sluice = stage.start().await?;
    let (nodes, pods) = (stage.above(NODES, ""), stage.above(PODS, "default"));
    pods.put(pod("one", Some("a"))).await?;
    let made = nodes.until("a", "is ready", is_ready).await?;
    let metadata = json!({ "labels": { "zone": "z1" }, "annotations": { "note": "mine" } });
    nodes.change("a", json!({ "metadata": metadata, "spec": { "unschedulable": true } })).await?;
    let unready = json!([{ "type": "Ready", "status": "False", "reason": "Mine" }]);
    let changed = nodes.change_status("a", json!({ "status": { "conditions": unready } })).await?;
    barrier(&stage).await?;
    assert_eq!(nodes.find("a").await?, Some(changed.clone()));
    sluice.terminate().await?;
    let _sluice = stage.start().await?;
    barrier(&stage).await?;
    assert_eq!(nodes.find("a").await?, Some(changed));

    // It is a fake one all the same: said anew where nothing is said, and gone with its Pod.
    nodes.change_status("a", json!({ "status": { "conditions": null } })).await?;
    let labelled = |node: &Value| is_ready(node) && node["metadata"]["labels"]["zone"] == "z1";
    let again = nodes.until("a", "is ready again", labelled).await?;
    assert_eq!(uid(&again), uid(&made));
    pods.delete("one").await?;
    nodes.goes("a").await
}
