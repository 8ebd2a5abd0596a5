//! What happens while the runtime, or its plugin, is not there.

use super::{NODES, PODS, barrier, is_ready, names, pod, stage};
use crate::support::{calls, writes};
use anyhow::Result;
use serde_json::json;
use sluice_tests::artifacts;
use std::fs;

#[tokio::test]
async fn api_a_fake_node_whose_pods_went_while_the_runtime_was_down_goes_at_its_start() -> Result<()> {
    let stage = stage("nodes_down").await?;
    let mut sluice = stage.start().await?;
    let (nodes, pods) = (stage.above(NODES, ""), stage.above(PODS, "default"));
    for kill in [false, true] {
        for (name, node) in [("stays", "stays"), ("goes", "goes"), ("goes-too", "goes")] {
            if pods.find(name).await?.is_none() {
                pods.put(pod(name, Some(node))).await?;
            }
            nodes.until(node, "is ready", is_ready).await?;
        }
        barrier(&stage).await?;
        let stays = nodes.appears("stays").await?;
        let mark = stage.lab.virtual_plane.audit_mark();
        if kill {
            stage.kill(&mut sluice).await?;
        } else {
            sluice.terminate().await?;
        }
        for name in ["goes", "goes-too"] {
            pods.delete(name).await?;
        }
        sluice = stage.start().await?;
        nodes.goes("goes").await?;
        barrier(&stage).await?;
        assert_eq!(writes(&stage.asked_above(mark)?), [("delete", "goes")]);
        assert_eq!(nodes.appears("stays").await?, stays);
        // What it has not seen settle, it asks about once.
        assert_eq!(calls(&sluice, "stays"), ["keep"]);
        assert!(calls(&sluice, "goes").is_empty());
    }
    Ok(())
}

#[tokio::test]
async fn api_fake_nodes_go_when_their_plugin_makes_none_any_more() -> Result<()> {
    let stage = stage("no_more_nodes").await?;
    let mut sluice = stage.start().await?;
    let (nodes, pods) = (stage.above(NODES, ""), stage.above(PODS, "default"));
    let own = nodes.put(json!({ "metadata": { "name": "own" } })).await?;
    for (name, node) in [("one", "a"), ("two", "own")] {
        pods.put(pod(name, Some(node))).await?;
    }
    nodes.until("a", "is ready", is_ready).await?;
    sluice.terminate().await?;

    // Another version of it, so to speak.
    let wasm = |name: &str| anyhow::Ok(artifacts::guests()?.join(name));
    let installed = stage.plugin_folder().join("fake_nodes.wasm");
    fs::copy(wasm("cluster_roles.wasm")?, &installed)?;
    let mut sluice = stage.start().await?;
    nodes.goes("a").await?;
    assert_eq!(nodes.find("own").await?, Some(own));
    sluice.terminate().await?;

    fs::copy(wasm("fake_nodes.wasm")?, &installed)?;
    let _sluice = stage.start().await?;
    nodes.until("a", "is ready", is_ready).await?;
    assert_eq!(names(&stage).await?, ["a", "own"]);
    Ok(())
}
