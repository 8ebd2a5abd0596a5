use super::Admin;
use crate::support::{Stage, things::SECRETS};
use anyhow::{Result, ensure};
use serde_json::json;
use sluice_tests::{Lab, eventually};

#[tokio::test]
async fn hostile_a_plugin_that_is_set_aside_is_seen_to_be_and_why_until_it_is_not() -> Result<()> {
    let config = "plugins: { hostile-nonsense: { limits: { quarantine: 5000 } } }";
    let plugins = ["configmaps", "hostile-nonsense"];
    let stage = Stage::with_plugins(Lab::take("admin_quarantined").await?, &plugins, config)?;
    let mut sluice = stage.start().await?;
    let admin = Admin::of(&mut sluice).await?;
    let aside = async || {
        let metrics = admin.metrics().await?;
        Ok::<_, anyhow::Error>(metrics.sum("sluice_plugin_quarantined", &[r#"plugin="hostile-nonsense""#]))
    };
    assert_eq!(
        (admin.plugin("hostile-nonsense").await?["state"]["is"].clone(), aside().await?),
        (json!("running"), 0.0)
    );

    let (above, below) = (stage.above(SECRETS, "default"), stage.below(SECRETS));
    for at in 0..8 {
        above.put(json!({ "metadata": { "name": format!("bad-{at}") }, "stringData": { "a": "1" } })).await?;
        below.appears(&format!("bad-{at}-x-default-x-my-vcluster")).await?;
    }
    for at in 0..8 {
        let change = json!({ "metadata": { "annotations": { "way": "virtual" } }, "stringData": { "a": "2" } });
        above.change(&format!("bad-{at}"), change).await?;
    }
    let seen = eventually("it is seen to be set aside", async || -> Result<_> {
        let (plugin, aside) = (admin.plugin("hostile-nonsense").await?, aside().await?);
        Ok((plugin["state"]["is"] == "quarantined" && aside == 1.0).then_some(plugin))
    })
    .await?;
    let state = &seen["state"];
    ensure!(state["why"] == "refused" && state["failures"].as_u64() >= Some(5), "{state}");
    let (since, until) = (state["since"].as_str().unwrap_or_default(), state["until"].as_str().unwrap_or_default());
    ensure!(since < until && since.ends_with('Z'), "{state}");
    // Its neighbour is not, and the replica goes on.
    assert_eq!(admin.plugin("configmaps").await?["state"]["is"], "running");
    let said = admin.text("/readyz?verbose").await?;
    ensure!(said.contains("[+]plugin hostile-nonsense ok: set aside for refused\n"), "{said}");

    for at in 0..8 {
        above.change(&format!("bad-{at}"), json!({ "metadata": { "annotations": null } })).await?;
    }
    eventually("it is tried again", async || {
        Ok::<_, anyhow::Error>(
            admin.plugin("hostile-nonsense").await?["state"]["is"] == "running" && aside().await? == 0.0,
        )
    })
    .await?;
    below.until("bad-0-x-default-x-my-vcluster", "follows", |secret| secret["data"]["a"] == "Mg==").await?;
    Ok(())
}
