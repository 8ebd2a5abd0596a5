use super::Admin;
use crate::support::{STARTED, Stage, stop};
use anyhow::{Result, ensure};
use sluice_tests::{Lab, eventually, folder::Folder};
use std::{fs, os::unix::fs::PermissionsExt};

const LEADS: &str = "[+]lease my-vcluster ok: this replica leads\n";
const STANDS_BY: &str = "[+]lease my-vcluster ok: this replica stands by, and does not write\n";
const SYNCED: &str = "[+]syncer configmaps/configmaps ok\n";

#[tokio::test]
async fn api_a_replica_is_ready_when_it_is_synced_and_so_is_one_that_stands_by() -> Result<()> {
    let stage = Stage::take("admin_ready").await?;
    // Nothing is compiled yet, so it is seen before it is ready.
    let folder = Folder::new("sluice-compiled-")?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700))?;
    let mut first = stage.launch_with(&["--compiled", &folder.path().display().to_string()])?;
    let admin = Admin::of(&mut first).await?;
    let early = admin.0.get("/readyz").await?;
    let said = String::from_utf8(early.body)?;
    ensure!(early.status == 503 && said.contains("[-]plugins failed: they are not loaded yet\n"), "{said}");
    assert_eq!(admin.text("/livez").await?, "ok");
    eventually("it is ready", async || admin.text("/readyz").await.map(|said| said == "ok")).await?;
    first.wait_for_line(STARTED).await?;
    let said = admin.text("/readyz?verbose").await?;
    ensure!(said.contains(LEADS) && said.contains(SYNCED) && said.ends_with("readyz check passed\n"), "{said}");

    let mut second = stage.launch()?;
    let other = Admin::of(&mut second).await?;
    eventually("the other is ready", async || other.text("/readyz").await.map(|said| said == "ok")).await?;
    let said = other.text("/readyz?verbose").await?;
    ensure!(said.contains(STANDS_BY) && said.contains(SYNCED), "{said}");
    let leads = async |admin: Admin| Ok::<_, anyhow::Error>(admin.metrics().await?.sum("sluice_leader", &[]));
    assert_eq!((leads(admin).await?, leads(other).await?), (1.0, 0.0));
    assert_eq!(other.plugin("configmaps").await?["state"]["is"], "starting");

    stop(first).await?;
    second.wait_for_line(STARTED).await?;
    assert_eq!(leads(other).await?, 1.0);
    ensure!(other.text("/readyz?verbose").await?.contains(LEADS));
    assert_eq!(other.plugin("configmaps").await?["state"]["is"], "running");
    Ok(())
}

#[tokio::test]
async fn api_who_waits_for_a_kind_is_ready_and_says_for_which() -> Result<()> {
    let config = "plugins: { custom-resources: { config: { resources: [{ apiVersion: example.com/v1, kind: Boat, \
                  direction: down }] } } }";
    let stage = Stage::with_plugins(Lab::take("admin_waits").await?, &["custom-resources"], config)?;
    let mut sluice = stage.launch()?;
    let admin = Admin::of(&mut sluice).await?;
    eventually("it is ready", async || admin.text("/readyz").await.map(|said| said == "ok")).await?;
    let syncer = admin.plugin("custom-resources").await?["syncers"][0].clone();
    ensure!(syncer["state"]["is"] == "waiting", "{syncer}");
    ensure!(syncer["state"]["why"].as_str().is_some_and(|why| why.contains("example.com/v1 Boat")), "{syncer}");
    assert_eq!(admin.metrics().await?.sum("sluice_syncer_synced", &[]), 0.0);
    Ok(())
}
