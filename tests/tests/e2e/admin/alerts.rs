//! What stands in `deploy/alerts` and `deploy/dashboard` is about what is served.

use super::{Admin, file};
use crate::support::{Stage, blue, port::Answer};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use sluice_tests::{artifacts, folder::Folder};
use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Output},
};

const DASHBOARD: &str = "deploy/dashboard/sluice.json";
const RULES: &str = "deploy/alerts/sluice.rules.yaml";

fn promtool(folder: &Path, args: &[&str]) -> Result<()> {
    let Output { status, stdout, stderr } =
        Command::new(artifacts::tool("promtool")?).current_dir(folder).args(args).output()?;
    let said = [stdout, stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    ensure!(status.success(), "promtool {args:?}: {said}");
    Ok(())
}

/// The queries of all panels, and of the variables.
fn queries(dashboard: &Value) -> (Vec<String>, Vec<String>) {
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let each = |list: &Value| list.as_array().cloned().unwrap_or_default();
    let targets = each(&dashboard["panels"]).into_iter().flat_map(|panel| each(&panel["targets"]));
    let variables = each(&dashboard["templating"]["list"]);
    (
        targets.filter_map(|target| text(&target["expr"])).collect(),
        variables.iter().filter_map(|variable| text(&variable["definition"])).collect(),
    )
}

/// Every metric that a text names.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|char: char| !(char.is_ascii_alphanumeric() || char == '_'));
    words.filter(|word| word.starts_with("sluice_")).map(ToOwned::to_owned).collect()
}

#[test]
fn cli_the_alerts_fire_when_they_should() -> Result<()> {
    promtool(&file("deploy/alerts"), &["check", "rules", "--lint=all", "--lint-fatal", "sluice.rules.yaml"])?;
    promtool(&file("deploy/alerts"), &["test", "rules", "sluice.test.yaml"])?;
    // None of them is forgotten there.
    let (rules, tests) =
        (fs::read_to_string(file(RULES))?, fs::read_to_string(file("deploy/alerts/sluice.test.yaml"))?);
    for alert in rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")) {
        let tested = tests.split("alertname: ").filter(|part| part.lines().next() == Some(alert));
        ensure!(tested.filter(|part| part.contains("exp_labels")).count() > 0, "{alert} never fires in its tests");
    }
    Ok(())
}

#[test]
fn cli_the_dashboards_queries_are_queries() -> Result<()> {
    let (queries, _) = queries(&serde_json::from_slice(&fs::read(file(DASHBOARD))?)?);
    ensure!(queries.len() > 20, "there are only {}", queries.len());
    // As Grafana fills them in, and as recording rules, which promtool reads.
    let filled =
        |query: &String| query.replace("$__rate_interval", "5m").replace("$namespace", ".*").replace("$plugin", ".*");
    let rules: Vec<_> = queries
        .iter()
        .enumerate()
        .map(|(at, query)| json!({ "record": format!("query:{at}"), "expr": filled(query) }))
        .collect();
    let folder = Folder::new("sluice-queries-")?;
    fs::write(
        folder.path().join("rules.json"),
        json!({ "groups": [{ "name": "queries", "rules": rules }] }).to_string(),
    )?;
    promtool(folder.path(), &["check", "rules", "--lint=none", "rules.json"])
}

#[tokio::test]
async fn api_everything_on_the_dashboard_and_in_the_alerts_is_served() -> Result<()> {
    let stage = Stage::take("admin_served").await?;
    let mut sluice = stage.start().await?;
    let admin = Admin::of(&mut sluice).await?;
    stage.pair(blue("a")).await?;
    stage.put(&blue("b-x-default-x-my-vcluster")).await?;
    let occupied = stage.create(blue("b")).await?;
    stage.warned(&occupied).await?;

    let Answer { head, .. } = admin.0.get("/metrics").await?;
    ensure!(head.contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8"), "{head}");
    let metrics = admin.metrics().await?;
    let served: BTreeSet<_> =
        metrics.series.keys().map(|series| series.split('{').next().unwrap_or_default().to_owned()).collect();
    let (queries, variables) = queries(&serde_json::from_slice(&fs::read(file(DASHBOARD))?)?);
    let rules: String = fs::read_to_string(file(RULES))?
        .lines()
        .filter(|line| !line.contains("description"))
        .collect::<Vec<_>>()
        .join("\n");
    let named = named(&[queries, variables, vec![rules]].concat().join("\n"));
    ensure!(named.len() > 15, "{named:?}");
    // In words of the alerts a histogram goes by its own name.
    let is_served = |name: &&String| served.contains(*name) || served.contains(&format!("{name}_count"));
    let missing: Vec<_> = named.iter().filter(|name| !is_served(name)).collect();
    ensure!(missing.is_empty(), "nothing serves {missing:?}; served are {served:?}");

    // Prometheus reads it, which takes times here.
    let timed = metrics
        .text
        .lines()
        .map(|line| if line.starts_with('#') { line.to_owned() } else { format!("{line} 1700000000") });
    let folder = Folder::new("sluice-metrics-")?;
    fs::write(folder.path().join("page.txt"), timed.map(|line| line + "\n").collect::<String>())?;
    promtool(folder.path(), &["tsdb", "create-blocks-from", "openmetrics", "page.txt", "blocks"])?;
    // As few series as there are words.
    ensure!(metrics.series.len() < 300, "there are {} series", metrics.series.len());
    Ok(())
}
