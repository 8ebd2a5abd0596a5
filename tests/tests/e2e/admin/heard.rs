use super::Admin;
use crate::support::{Stage, blue};
use anyhow::{Error, Result, ensure};
use sluice_tests::{eventually, eventually_within};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// An API server sends a bookmark about each minute.
const BOOKMARK: Duration = Duration::from_secs(100);

#[tokio::test]
async fn api_when_a_watch_last_heard_something_is_told_and_a_bookmark_is_something() -> Result<()> {
    let began = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64();
    let stage = Stage::take("admin_heard").await?;
    let mut sluice = stage.start().await?;
    let admin = Admin::of(&mut sluice).await?;
    let heard = async || {
        let metrics = admin.metrics().await?;
        let of = |side| {
            let labels = [r#"plugin="configmaps""#, r#"syncer="configmaps""#, r#"kind="v1 ConfigMap""#, side];
            metrics.sum("sluice_watch_heard_timestamp_seconds", &labels)
        };
        Ok::<_, Error>([r#"side="virtual""#, r#"side="physical""#].map(of))
    };
    let listed = heard().await?;
    ensure!(listed.iter().all(|at| (began..began + 600.0).contains(at)), "{listed:?}, and it began at {began}");

    stage.pair(blue("a")).await?;
    let changed = eventually("both sides are heard", async || {
        let now = heard().await?;
        Ok::<_, Error>(now.iter().zip(listed).all(|(now, before)| *now > before).then_some(now))
    })
    .await?;

    // Nobody changes a virtual ConfigMap any more.
    stage.barrier().await?;
    let [quiet, _] = heard().await?;
    ensure!(quiet >= changed[0], "{quiet} is before {changed:?}");
    let mark = stage.lab.virtual_plane.audit_mark();
    eventually_within(BOOKMARK, "a bookmark is heard", async || Ok::<_, Error>(heard().await?[0] > quiet)).await?;
    let asked = stage.lab.virtual_plane.audit_since(mark)?;
    let written = asked.iter().filter(|event| event.is_write() && event.resource == "configmaps").count();
    assert_eq!(written, 0, "somebody did: {asked:?}");
    Ok(())
}
