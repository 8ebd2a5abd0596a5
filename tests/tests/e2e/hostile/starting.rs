//! What is wrong with a plugin shows before it runs, by its name; and what goes wrong when it deploys is its own alone.

use super::{imports::ALONE, siege::Siege};
use crate::support::{
    STARTED, Stage,
    refusal::refusal,
    things::{Kind, SECRETS},
};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sluice_tests::{Lab, artifacts, eventually};
use std::process::Command;

const MAPS: Kind = Kind("v1", "ConfigMap", "configmaps");

fn way(plugin: &str, way: &str, grants: &str) -> String {
    format!("{ALONE}  {plugin}: {{ config: {{ way: {way} }}, grants: [{grants}] }}\n")
}

#[tokio::test]
async fn hostile_start_does_not_become_a_plugin() -> Result<()> {
    let lab = Lab::take("start_not").await?;
    let stage = Stage::with_plugins(lab, &["configmaps", "hostile-start"], "")?;
    let fuel = "it used up its 400000000 units of fuel";
    for (said, why) in [
        ("spin-schema", fuel),
        ("trap-schema", "this plugin panics in schema"),
        ("spin-register", fuel),
        ("trap-register", "this plugin panics in register"),
        ("ask", "read, create, update, delete physical Secret"),
    ] {
        stage.configure(&way("hostile-start", said, ""))?;
        let told = refusal(&stage).await?;
        ensure!(told.contains("hostile_start.wasm: ") && told.contains(why), "{said}: {told}");
    }
    Ok(())
}

#[tokio::test]
async fn hostile_start_deploys_nothing_else() -> Result<()> {
    let granted = "{ side: virtual, kind: ConfigMap, verbs: [create, update], namespaces: [default], names: [start] }";
    for (said, reason, why) in [
        ("spin-init", "fuel", "it used up its 400000000 units of fuel"),
        ("trap-init", "trap", "this plugin panics in init"),
        ("apply", "refused", "it asked to create physical v1 ConfigMap kube-system/start, which it is not granted"),
        ("delete", "refused", "it asked, while starting, for another object to be deleted"),
        ("remove", "refused", "it asked, while starting, for half of a pair to be removed"),
        ("again", "refused", "it asked, while starting, for another call"),
    ] {
        let siege = Siege::lay_with("hostile-start", &way("hostile-start", said, granted)).await?;
        let line: Value = eventually("the log tells of it", async || {
            let line = siege.sluice.stderr.find("while starting: ")?;
            serde_json::from_str(&line).ok()
        })
        .await?;
        ensure!(line["plugin"] == "hostile-start" && line["reason"] == reason, "{said}: {line}");
        ensure!(line["message"].as_str().is_some_and(|text| text.contains(why)), "{said}: {line}");
        for maps in [siege.stage.above(MAPS, "default"), siege.stage.below_in(MAPS, "kube-system")] {
            assert_eq!(maps.find("start").await?, None);
        }
        assert_eq!(siege.secrets_written_above()?, [""; 0]);
        let (calls, writes, failures) = siege.holds("hostile-start").await?;
        // It is called for nothing but its init, again and again.
        assert_eq!((writes, failures), (json!({}), json!({ reason: calls + 1 })), "{said}");
    }
    Ok(())
}

#[tokio::test]
async fn hostile_greedy_is_shown_nothing() -> Result<()> {
    let lab = Lab::take("greedy").await?;
    let stage = Stage::with_plugins(lab, &["configmaps", "hostile-greedy"], "")?;
    let marks = (stage.lab.virtual_plane.audit_mark(), stage.lab.physical_plane.audit_mark());
    let some = "
plugins:
  hostile-greedy:
    grants:
    - { side: virtual, kind: Pod, verbs: [read] }
    - { side: virtual, kind: Secret, verbs: [read], namespaces: [default] }
    - { side: physical, kind: Secret, verbs: [read], names: [mine] }
";
    for (config, missing) in [("", 3), (some, 2)] {
        stage.configure(config)?;
        let said = refusal(&stage).await?;
        ensure!(said.contains("plugin \"hostile-greedy\" asks for what it is not granted:"), "{said}");
        let asked = ["\n  read virtual Secret\n", "\n  read physical Secret\n", "\n  read virtual Pod\n"];
        assert_eq!(asked.iter().filter(|ask| said.contains(**ask)).count(), missing, "{said}");
    }
    let mut asked = stage.lab.virtual_plane.audit_since(marks.0)?;
    asked.extend(stage.asked_below(marks.1)?);
    asked.retain(|event| event.user == "sluice" && ["secrets", "pods"].contains(&event.resource.as_str()));
    ensure!(asked.is_empty(), "{asked:?}");
    Ok(())
}

#[tokio::test]
async fn hostile_liar_is_called_what_its_operator_calls_it() -> Result<()> {
    let mut siege = Siege::lay("hostile-liar").await?;
    siege.sluice.wait_for_line(STARTED).await?;
    let lines = siege.sluice.stderr.all();
    let loaded: Vec<Value> = lines
        .iter()
        .filter(|line| line.contains("loaded plugin"))
        .map(|line| serde_json::from_str(line).context("a line that is no JSON"))
        .collect::<Result<_>>()?;
    let names: Vec<_> = loaded.iter().map(|line| line["plugin"].clone()).collect();
    assert_eq!(names, ["configmaps", "hostile-liar"]);
    // A lie is in no line of its own.
    ensure!(lines.iter().all(|line| !line.starts_with("{\"level\":\"ERROR\"")));
    siege.bait("bait").await?;
    assert_eq!(siege.stage.below(SECRETS).find("bait-x-default-x-my-vcluster").await?, None);
    let (_, writes, failures) = siege.holds("hostile-liar").await?;
    assert_eq!((writes, failures), (json!({}), json!({})));
    let longest = lines.iter().map(String::len).max();
    ensure!(longest < Some(16 << 10), "a line of {longest:?} bytes is in the log");
    Ok(())
}

#[tokio::test]
async fn hostile_liar_writes_no_lines_on_a_terminal() -> Result<()> {
    let lab = Lab::take("liar_told").await?;
    let stage = Stage::with_plugins(lab, &["hostile-liar"], &way("hostile-liar", "ask", ""))?;
    let mut told = vec![("run", refusal(&stage).await?)];
    let file = stage.plugin_folder().join("hostile_liar.wasm");
    for command in ["inspect", "grants"] {
        let mut sluice = Command::new(artifacts::sluice()?);
        sluice.args(["plugin", command]).arg(if command == "grants" { stage.plugin_folder() } else { &file });
        let output = sluice.arg("--config").arg(stage.config_file()).output()?;
        let said = [output.stdout, output.stderr].concat();
        told.push((command, String::from_utf8(said)?));
    }
    for (command, said) in told {
        let controls: Vec<_> = said.chars().filter(|char| char.is_control() && *char != '\n').collect();
        ensure!(controls.is_empty(), "{command} writes control characters: {controls:?}");
        ensure!(said.lines().all(|line| !line.starts_with("{\"level\"")), "{command} writes a forged line");
        ensure!(said.len() < 64 << 10, "{command} writes {} bytes", said.len());
    }
    Ok(())
}
