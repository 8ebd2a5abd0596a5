//! What a component imports and no plugin is given keeps it from starting; what WASI's start needs is answered with nothing.

use super::siege::{ACCOUNTS, Siege};
use crate::support::{Stage, refusal::refusal};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use sluice_tests::{Lab, eventually};
use std::collections::BTreeSet;

/// For the neighbour. The harness grants nothing by itself where a plugin does not load.
pub(super) const ALONE: &str = "
plugins:
  configmaps:
    grants:
    - { side: virtual, kind: ConfigMap, verbs: [sync] }
";

async fn is_not_loaded(plugin: &str, imports: &[&str]) -> Result<()> {
    let stage = Stage::with_plugins(Lab::take(plugin).await?, &["configmaps", plugin], ALONE)?;
    let said = refusal(&stage).await?;
    ensure!(said.contains("it imports what no plugin is given: "), "{said}");
    ensure!(said.contains(&format!("{}.wasm", plugin.replace('-', "_"))), "{said}");
    for import in imports {
        ensure!(said.contains(import), "{import}: {said}");
    }
    Ok(())
}

#[tokio::test]
async fn hostile_sockets_are_refused_by_name() -> Result<()> {
    is_not_loaded("hostile-sockets", &["wasi:sockets/tcp@", "wasi:sockets/udp@", "wasi:sockets/ip-name-lookup@"]).await
}

#[tokio::test]
async fn hostile_files_are_refused_by_name() -> Result<()> {
    is_not_loaded("hostile-files", &["wasi:filesystem/types@", "wasi:filesystem/preopens@"]).await
}

#[tokio::test]
async fn hostile_clocks_are_refused_by_name() -> Result<()> {
    is_not_loaded("hostile-clocks", &["wasi:clocks/monotonic-clock@", "wasi:clocks/wall-clock@"]).await
}

#[tokio::test]
async fn hostile_environment_is_empty() -> Result<()> {
    let siege = Siege::lay("hostile-environment").await?.after(ACCOUNTS);
    let nothing = "says: 0 variables, 0 arguments, ";
    siege.fails(&[("bait", "retry", nothing)]).await?;
    assert_eq!(siege.secrets_written()?, []);
    let (calls, writes, failures) = siege.holds("hostile-environment").await?;
    assert_eq!((writes, failures), (json!({}), json!({ "retry": calls })));
    Ok(())
}

#[tokio::test]
async fn hostile_random_is_the_time_of_the_call() -> Result<()> {
    let siege = Siege::lay("hostile-random").await?.after(ACCOUNTS);
    for count in 0..32 {
        siege.lure(&format!("bait-{count}")).await?;
    }
    let told = || -> BTreeSet<(String, String)> {
        let lines = siege.sluice.stderr.all();
        let said = lines.iter().filter_map(|line| line.split_once("says: at ")?.1.split_once('.'));
        said.filter_map(|(said, _)| said.split_once(": ")).map(|(at, order)| (at.into(), order.into())).collect()
    };
    eventually("it was called at many times", async || told().len() >= 16).await?;
    // At one time one order.
    let told = told();
    assert_eq!(told.iter().map(|(at, _)| at).collect::<BTreeSet<_>>().len(), told.len());
    let (calls, writes, failures) = siege.holds("hostile-random").await?;
    assert_eq!((writes, failures), (json!({}), json!({ "retry": calls })));
    Ok(())
}

#[tokio::test]
async fn hostile_exit_ends_its_call_alone() -> Result<()> {
    let siege = Siege::lay("hostile-exit").await?;
    siege
        .fails(&[
            ("well", "trap", "it called exit"),
            ("badly", "trap", "it called exit"),
            ("abort", "trap", "it trapped: "),
        ])
        .await?;
    assert_eq!(siege.secrets_written()?, []);
    let (calls, writes, failures) = siege.holds("hostile-exit").await?;
    let trapped = failures["trap"].as_u64().context("it never trapped")?;
    assert_eq!((writes, trapped), (json!({}), calls));
    Ok(())
}
