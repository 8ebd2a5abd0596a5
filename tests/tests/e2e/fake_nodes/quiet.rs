//! Nothing changed: no write, and no call.

use super::{NODES, PODS, barrier, is_ready, pod, stage};
use crate::support::{calls, stop, writes};
use anyhow::Result;
use serde_json::json;

#[tokio::test]
async fn api_fake_nodes_at_rest_cost_neither_write_nor_call() -> Result<()> {
    let stage = stage("quiet_nodes").await?;
    let sluice = stage.start().await?;
    let (nodes, pods) = (stage.above(NODES, ""), stage.above(PODS, "default"));
    let (start, below) = (stage.lab.virtual_plane.audit_mark(), stage.lab.physical_plane.audit_mark());
    for (name, node) in [("one", "a"), ("two", "b")] {
        pods.put(pod(name, Some(node))).await?;
        nodes.until(node, "is ready", is_ready).await?;
    }
    barrier(&stage).await?;
    // Each is made, and then said to be ready.
    let asked = stage.asked_above(start)?;
    assert_eq!(writes(&asked), [("create", "a"), ("patch", "a"), ("create", "b"), ("patch", "b")]);
    assert_eq!(calls(&sluice, "a"), ["create", "keep"]);

    // Neither what becomes of a Pod, nor another one on the same node, is a reason to ask.
    let mark = stage.lab.virtual_plane.audit_mark();
    pods.change("one", json!({ "metadata": { "labels": { "app": "shop" } } })).await?;
    pods.change_status("one", json!({ "status": { "phase": "Running" } })).await?;
    pods.put(pod("three", Some("a"))).await?;
    pods.delete("one").await?;
    barrier(&stage).await?;
    assert_eq!(writes(&stage.asked_above(mark)?), []);
    for node in ["a", "b"] {
        assert_eq!(calls(&sluice, node), ["create", "keep"], "{node}");
    }
    // Below there is nothing to look at, let alone to write.
    let mut asked = stage.asked_below(below)?;
    asked.retain(|event| ["nodes", "pods"].contains(&event.resource.as_str()));
    assert!(asked.is_empty(), "{asked:?}");
    let totals = stop(sluice).await?;
    assert_eq!(totals["failures"], "{}", "{totals}");
    Ok(())
}
