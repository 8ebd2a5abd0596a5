use super::Admin;
use crate::support::{Stage, blue, stop, things::Kind};
use anyhow::{Result, ensure};
use serde_json::json;
use sluice_tests::{Sluice, eventually};

const MAPS: Kind = Kind("v1", "ConfigMap", "configmaps");
/// Pairs that change on both sides at once.
const MANY: usize = 16;

#[tokio::test]
async fn api_metrics_count_what_is_done_and_what_fails() -> Result<()> {
    let stage = Stage::take("admin_counted").await?;
    let mut sluice = stage.start().await?;
    let admin = Admin::of(&mut sluice).await?;
    let (object, copy) = stage.pair(blue("a")).await?;
    let object = stage.change(&object, json!({ "data": { "colour": "red" } })).await?;
    stage.copied(&object).await?;
    stage.delete(&object).await?;
    stage.gone(copy.metadata.name.as_deref().unwrap_or_default()).await?;
    // Somebody else's stands where this one's copy would.
    stage.put(&blue("b-x-default-x-my-vcluster")).await?;
    let occupied = stage.create(blue("b")).await?;
    stage.warned(&occupied).await?;
    stage.barrier().await?;

    let metrics = admin.metrics().await?;
    let of = |more: &[&'static str]| [&[r#"plugin="configmaps""#, r#"syncer="configmaps""#], more].concat();
    for verb in [r#"verb="create""#, r#"verb="patch""#, r#"verb="delete""#] {
        let below = metrics.sum("sluice_writes_total", &of(&[verb, r#"side="physical""#]));
        ensure!(below >= 1.0, "{verb}: {}", metrics.text);
        assert_eq!(metrics.sum("sluice_writes_total", &of(&[verb, r#"side="virtual""#])), 0.0);
    }
    let writes = metrics.sum("sluice_writes_total", &of(&[]));
    assert_eq!(metrics.sum("sluice_lag_seconds_count", &of(&[])), writes);
    ensure!(metrics.sum("sluice_write_duration_seconds_count", &[r#"side="physical""#]) >= writes, "{}", metrics.text);
    ensure!(metrics.sum("sluice_lag_seconds_bucket", &of(&[r#"le="60.0""#])) == writes, "{}", metrics.text);
    ensure!(metrics.sum("sluice_failures_total", &of(&[r#"reason="occupied""#])) >= 1.0, "{}", metrics.text);
    for function in [r#"function="init""#, r#"function="sync-down""#, r#"function="sync""#] {
        ensure!(metrics.sum("sluice_call_duration_seconds_count", &[function]) >= 1.0, "{function}: {}", metrics.text);
    }
    ensure!(metrics.sum("sluice_fuel_total", &[r#"plugin="configmaps""#]) > 1_000.0);
    ensure!(metrics.sum("sluice_guest_memory_bytes_sum", &[]) > 65_536.0);
    ensure!(metrics.sum("sluice_compiled_bytes", &[]) > 100_000.0);
    for side in [r#"side="virtual""#, r#"side="physical""#] {
        ensure!(metrics.sum("sluice_objects", &of(&[side])) >= 1.0, "{side}: {}", metrics.text);
    }

    // What was done and what failed is told the same way at the end.
    let totals = stop(sluice).await?;
    let creates = format!("\"create\": {}", metrics.sum("sluice_writes_total", &of(&[r#"verb="create""#])));
    ensure!(totals["writes"].as_str().is_some_and(|writes| writes.contains(&creates)), "{creates}: {totals}");
    Ok(())
}

#[tokio::test]
async fn api_metrics_count_conflicts() -> Result<()> {
    let stage = Stage::take("admin_conflicts").await?;
    let mut sluice = stage.start().await?;
    let admin = Admin::of(&mut sluice).await?;
    for at in 0..MANY {
        stage.pair(blue(&format!("m-{at}"))).await?;
    }
    let mut round = 0;
    eventually("some write meets another", async || {
        round += 1;
        meet(&stage, &mut sluice, round).await?;
        let metrics = admin.metrics().await?;
        Ok::<_, anyhow::Error>(metrics.sum("sluice_failures_total", &[r#"reason="conflict""#]) >= 1.0)
    })
    .await?;
    // It was tried again.
    let (above, below) = (stage.above(MAPS, "default"), stage.below(MAPS));
    let change = above.change("m-0", json!({ "data": { "last": "yes" } })).await?;
    below.until("m-0-x-default-x-my-vcluster", "follows", |copy| copy["data"] == change["data"]).await?;
    Ok(())
}

/// Both halves of many pairs change while the runtime sleeps: what it then hears of first, it writes on what is old.
async fn meet(stage: &Stage, sluice: &mut Sluice, round: usize) -> Result<()> {
    let (above, below) = (stage.above(MAPS, "default"), stage.below(MAPS));
    let round = round.to_string();
    sluice.signal("STOP")?;
    for at in 0..MANY {
        below.change(&format!("m-{at}-x-default-x-my-vcluster"), json!({ "data": { "drift": round } })).await?;
        above.change(&format!("m-{at}"), json!({ "data": { "round": round } })).await?;
    }
    sluice.signal("CONT")?;
    for at in 0..MANY {
        let copy = format!("m-{at}-x-default-x-my-vcluster");
        below.until(&copy, "follows", |copy| copy["data"]["round"] == round.as_str()).await?;
    }
    Ok(())
}
