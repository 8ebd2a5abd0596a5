//! It ends when vCluster does, however that ends.

use super::program::{VCluster, runs};
use crate::support::{Stage, blue};
use anyhow::Result;
use serde_json::json;
use sluice_tests::eventually;
use std::process::Command;

async fn leading(test: &str) -> Result<(Stage, VCluster)> {
    let stage = Stage::take(test).await?;
    let mut vcluster = VCluster::run(&stage)?;
    vcluster.start(&stage, json!({})).await?;
    vcluster.does(json!({ "do": "lead" })).await?;
    stage.create(blue("some")).await?;
    let copy = async || stage.physical_maps().get_opt("some-x-default-x-my-vcluster").await;
    eventually("the copy is there", copy).await?;
    assert_eq!(vcluster.sockets()?, 1);
    Ok((stage, vcluster))
}

#[tokio::test]
async fn vcluster_ends_it_in_order() -> Result<()> {
    let (_stage, mut vcluster) = leading("vcluster_ends").await?;
    let id = vcluster.plugin_id()?;
    vcluster.does(json!({ "do": "stop" })).await?;
    assert!(!runs(id));
    assert_eq!(vcluster.sockets()?, 0);
    let logs = vcluster.logs();
    assert!(logs.contains("end=Shutdown") && logs.contains("stopped"), "{logs}");
    // go-plugin had neither to kill it nor to complain.
    assert!(!logs.contains("failed to exit gracefully") && !logs.contains("plugin process exited: error"), "{logs}");
    Ok(())
}

#[tokio::test]
async fn vcluster_takes_it_along_when_it_is_killed() -> Result<()> {
    let (_stage, mut vcluster) = leading("vcluster_killed").await?;
    let id = vcluster.plugin_id()?;
    vcluster.kill().await?;
    eventually("the plugin ends", async || !runs(id)).await?;
    assert_eq!(vcluster.sockets()?, 0);
    Ok(())
}

#[tokio::test]
async fn vcluster_is_not_needed_to_end_it() -> Result<()> {
    let (_stage, vcluster) = leading("vcluster_signal").await?;
    let id = vcluster.plugin_id()?;
    Command::new("kill").args(["-TERM", &id.to_string()]).status()?;
    eventually("the plugin ends", async || !runs(id)).await?;
    assert_eq!(vcluster.sockets()?, 0);
    vcluster.wait_for_line("plugin process exited").await?;
    Ok(())
}
