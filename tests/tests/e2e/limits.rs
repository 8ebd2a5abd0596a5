//! Limits that an operator sets, and what comes of a plugin that breaks them.

use crate::support::{
    STARTED, Stage, blue, log,
    refusal::refusal,
    stop,
    things::{Kind, SECRETS},
};
use anyhow::{Context, Result, ensure};
use k8s_openapi::api::{core::v1::ConfigMap, events::v1::Event};
use kube::{Api, ResourceExt, api::ListParams};
use serde_json::{Value, json};
use sluice_tests::{Lab, eventually};

/// The copy of a virtual object of the namespace `default`.
fn copy(name: &str) -> String {
    format!("{name}-x-default-x-my-vcluster")
}

/// Events on the record of the virtual cluster.
async fn told(stage: &Stage, reason: &str) -> Result<Event> {
    let lab = &stage.lab;
    let events: Api<Event> = Api::namespaced(lab.physical_client.clone(), &lab.target_namespace);
    eventually(&format!("there is an Event {reason}"), async || {
        let events = events.list(&ListParams::default()).await.ok()?.items;
        events.into_iter().find(|event| event.reason.as_deref() == Some(reason))
    })
    .await
}

#[tokio::test]
async fn hostile_a_plugin_that_always_fails_is_set_aside_and_tried_again() -> Result<()> {
    let config = "plugins: { hostile-nonsense: { limits: { quarantine: 2000 } } }";
    let plugins = ["configmaps", "hostile-nonsense"];
    let stage = Stage::with_plugins(Lab::take("limits_quarantine").await?, &plugins, config)?;
    let mut sluice = stage.start().await?;
    let (above, below) = (stage.above(SECRETS, "default"), stage.below(SECRETS));
    for at in 0..8 {
        let name = format!("bad-{at}");
        above.put(json!({ "metadata": { "name": name }, "stringData": { "a": "1" } })).await?;
        below.appears(&copy(&name)).await?;
    }
    // From now on each of its answers is refused.
    for at in 0..8 {
        let change = json!({ "metadata": { "annotations": { "way": "virtual" } }, "stringData": { "a": "2" } });
        above.change(&format!("bad-{at}"), change).await?;
    }
    let line: Value = serde_json::from_str(&sluice.wait_for_line("it is set aside").await?)?;
    assert_eq!((&line["level"], &line["plugin"]), (&json!("WARN"), &json!("hostile-nonsense")));
    assert_eq!((&line["reason"], &line["failures"], &line["pause"]), (&json!("refused"), &json!(20), &json!(2000)));
    // Its neighbour is not, and what happens meanwhile is not lost.
    let (object, _) = stage.pair(blue("neighbour")).await?;
    above.put(json!({ "metadata": { "name": "good" }, "stringData": { "a": "1" } })).await?;
    let event = told(&stage, "PluginQuarantined").await?;
    let maps: Api<ConfigMap> = stage.physical_maps();
    let record = maps.get("sluice-my-vcluster").await?;
    let about = event.regarding.context("it is about nothing")?;
    assert_eq!((about.uid, about.kind.as_deref()), (record.uid(), Some("ConfigMap")));
    assert_eq!(event.type_.as_deref(), Some("Warning"));
    let note = event.note.unwrap_or_default();
    ensure!(note.starts_with("Plugin hostile-nonsense is set aside for 2 s: 20 calls in a row"), "{note}");

    assert_eq!(told(&stage, "PluginReleased").await?.type_.as_deref(), Some("Normal"));
    below.appears(&copy("good")).await?;
    // What was bad and is good again is repaired.
    above.change("bad-0", json!({ "metadata": { "annotations": null } })).await?;
    below.until(&copy("bad-0"), "follows", |secret| secret["data"]["a"] == "Mg==").await?;
    stage.copied(&object).await?;
    assert_eq!(sluice.ended()?, None);

    let asides: Vec<_> = log(&sluice).into_iter().filter(|line| line["message"].as_str().is_some_and(aside)).collect();
    ensure!(!asides.is_empty(), "it was never set aside");
    let status = sluice.terminate().await?;
    ensure!(status.success(), "{status}");
    let totals =
        log(&sluice).into_iter().find(|line| line["message"] == "totals" && line["plugin"] == "hostile-nonsense");
    let failures: Value = serde_json::from_str(totals.context("no totals")?["failures"].as_str().unwrap_or_default())?;
    ensure!(failures["quarantined"].as_u64().is_some_and(|count| count >= asides.len() as u64), "{failures}");
    Ok(())
}

fn aside(message: &str) -> bool {
    message.starts_with("it is set aside")
}

#[tokio::test]
async fn api_a_plugin_with_less_fuel_fails_where_the_default_does_not() -> Result<()> {
    let stage = Stage::take("limits_fuel").await?;
    let large = json!({ "metadata": { "name": "large" }, "data": { "a": "x\n".repeat(300_000) } });
    stage.configure("plugins: { configmaps: { limits: { fuel: 1000000 } } }")?;
    let sluice = stage.start().await?;
    let object = stage.create(large).await?;
    let note = stage.warned(&object).await?.note.unwrap_or_default();
    let fault = "plugin configmaps failed: it used up its 1000000 units of fuel, as a loop without an end would";
    assert_eq!(note, format!("Error syncing: {fault}"));
    stage.pair(blue("small")).await?;
    stop(sluice).await?;

    stage.configure("")?;
    let _sluice = stage.start().await?;
    stage.copied(&object).await?;
    Ok(())
}

#[tokio::test]
async fn cli_a_limit_out_of_its_bounds_is_refused() -> Result<()> {
    let stage = Stage::take("limits_bounds").await?;
    for (limits, said) in [
        ("{ memory: 2Gi }", r#"plugin "configmaps": limit memory is "2Gi"; it takes 2Mi to 1Gi bytes"#),
        ("{ time: 50 }", r#"plugin "configmaps": limit time is "50"; it takes 100 to 60000 ms"#),
        ("{ calls: -1 }", r#"plugin "configmaps": limit calls is "-1"; it takes 1 to 16"#),
        ("{ calls: many }", r#"plugin "configmaps": limit calls is "many"; it takes 1 to 16"#),
        ("{ memroy: 64Mi }", r#"plugin "configmaps" has no limit "memroy"; there are fuel, time, memory, "#),
    ] {
        stage.configure(&format!("plugins: {{ configmaps: {{ limits: {limits} }} }}"))?;
        let refused = refusal(&stage).await?;
        ensure!(refused.contains(said) && refused.lines().count() == 1, "{limits}: {refused}");
    }
    Ok(())
}

#[tokio::test]
async fn hostile_a_plugin_that_floods_the_log_is_cut_short() -> Result<()> {
    let config = "plugins: { hostile-flood: { limits: { logLinesPerSecond: 2 } } }";
    let stage = Stage::with_plugins(Lab::take("limits_flood").await?, &["configmaps", "hostile-flood"], config)?;
    let mut sluice = stage.launch()?;
    sluice.wait_for_line(STARTED).await?;
    // No Secrets: what it says of those is withheld.
    let accounts = stage.above(Kind("v1", "ServiceAccount", "serviceaccounts"), "default");
    for at in 0..4 {
        accounts.put(json!({ "metadata": { "name": format!("a-{at}") } })).await?;
    }
    let line: Value = serde_json::from_str(&sluice.wait_for_line("it says more than it may in a second").await?)?;
    assert_eq!((&line["level"], &line["plugin"]), (&json!("WARN"), &json!("hostile-flood")));
    stage.pair(blue("neighbour")).await?;
    let flooded = |line: &&Value| line["message"].as_str().is_some_and(|message| message.starts_with("flood"));
    // Each of its calls would say 32; of all together it is two a second.
    eventually("all were called", async || {
        let log = log(&sluice);
        (0..4).all(|at| log.iter().any(|line| line["key"] == format!("default/a-{at}") && line["level"] == "WARN"))
    })
    .await?;
    let lines = log(&sluice).iter().filter(flooded).count();
    ensure!((2..32).contains(&lines), "{lines} lines");
    sluice.terminate().await?;
    let left_out = log(&sluice).iter().filter_map(|line| line["left_out"].as_u64()).sum::<u64>();
    ensure!(left_out > 64, "{left_out} lines were left out");
    Ok(())
}
