//! Two replicas of one name: one writes, the other waits for the lease.

use crate::support::{STARTED, Stage, blue, stop, writes};
use anyhow::Result;
use kube::ResourceExt;
use serde_json::{Value, json};
use sluice_tests::{Sluice, eventually_within};
use std::time::Duration;

const WAITING: &str = "waiting to become leader";

/// A holder that went silent is waited for 15 s from its last renewal; the rest is for a busy machine.
const TAKEOVER: Duration = Duration::from_secs(15 + 15);

#[tokio::test]
async fn api_the_second_replica_waits_and_takes_over_after_sigterm() -> Result<()> {
    let stage = Stage::take("sigterm").await?;
    let first = stage.start().await?;
    let mut second = stage.launch()?;
    second.wait_for_line(WAITING).await?;

    let mark = stage.lab.physical_plane.audit_mark();
    let (object, copy) = stage.pair(blue("a")).await?;
    let object = stage.change(&object, json!({ "data": { "colour": "red" } })).await?;
    stage.copied(&object).await?;
    stage.barrier().await?;
    let name = copy.name_any();
    assert_eq!(writes(&stage.asked_below(mark)?), [("create", name.as_str()), ("patch", &name)]);
    assert!(second.stderr.find(STARTED).is_none());

    // One that waits can be stopped, and leaves the lease with its holder.
    let mut third = stage.launch()?;
    third.wait_for_line(WAITING).await?;
    stop(third).await?;
    stage.barrier().await?;

    let mark = stage.lab.physical_plane.audit_mark();
    stop(first).await?;
    let missed = stage.change(&object, json!({ "data": { "colour": "green" } })).await?;
    second.wait_for_line(STARTED).await?;
    stage.copied(&missed).await?;
    stage.pair(blue("b")).await?;
    stage.barrier().await?;
    let b = "b-x-default-x-my-vcluster";
    assert_eq!(writes(&stage.asked_below(mark)?), [("patch", name.as_str()), ("create", b)]);
    Ok(())
}

#[tokio::test]
async fn api_the_second_replica_takes_over_from_a_killed_one() -> Result<()> {
    let stage = Stage::take("killed").await?;
    let mut first = stage.start().await?;
    let mut second = stage.launch()?;
    second.wait_for_line(WAITING).await?;
    let (object, _) = stage.pair(blue("a")).await?;
    first.kill9();
    let object = stage.change(&object, json!({ "data": { "colour": "red" } })).await?;
    takes_over(&second).await?;
    stage.copied(&object).await?;
    Ok(())
}

#[tokio::test]
async fn api_a_paused_leader_does_not_write_when_it_wakes_up() -> Result<()> {
    let stage = Stage::take("paused").await?;
    let mut first = stage.start().await?;
    let mut second = stage.launch()?;
    second.wait_for_line(WAITING).await?;
    let (object, _) = stage.pair(blue("a")).await?;
    stage.barrier().await?;
    first.signal("STOP")?;
    takes_over(&second).await?;

    // The first finds a change that it slept through, and all that come after.
    let object = stage.change(&object, json!({ "data": { "colour": "red" } })).await?;
    stage.copied(&object).await?;
    first.signal("CONT")?;
    first.wait_for_line("lost the lease").await?;
    stage.drift(&stage.copy_name(&object), json!({ "data": { "colour": "green" } })).await?;
    stage.copied(&object).await?;
    stage.pair(blue("b")).await?;
    let (first, second) = (stop(first).await?, stop(second).await?);
    let has =
        |totals: &Value, what: &str, part: &str| totals[what].as_str().is_some_and(|counts| counts.contains(part));
    assert!(!has(&first, "writes", "patch"), "{first}");
    assert!(has(&second, "writes", "\"patch\": 2") && !has(&second, "failures", "conflict"), "{second}");
    Ok(())
}

async fn takes_over(sluice: &Sluice) -> Result<()> {
    eventually_within(TAKEOVER, "the other replica takes over", async || sluice.stderr.find(STARTED)).await?;
    Ok(())
}
