//! How a plugin behaved before is no matter: each call is judged by itself, and leaves nothing to the next.

use super::siege::{ACCOUNTS, Siege};
use crate::support::things::SECRETS;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

#[tokio::test]
async fn hostile_whim_leaves_nothing_half_done() -> Result<()> {
    let siege = Siege::lay("hostile-whim").await?;
    for count in 0..24 {
        siege.bait(&format!("bait-{count}")).await?;
    }
    // One call in three fails; each is tried again, until it does not.
    for count in 0..24 {
        siege.stage.below(SECRETS).appears(&format!("bait-{count}-x-default-x-my-vcluster")).await?;
    }
    let written = siege.secrets_written()?;
    ensure!(written.len() == 24 && written.iter().all(|(verb, _)| verb == "create"), "{written:?}");
    let (calls, writes, failures) = siege.holds("hostile-whim").await?;
    let trapped = failures["trap"].as_u64().context("it never trapped")?;
    assert_eq!((writes, &failures), (json!({ "create": 24 }), &json!({ "trap": trapped })));
    ensure!(calls >= trapped + 24, "{calls} calls, {failures}");
    Ok(())
}

#[tokio::test]
async fn hostile_sleeper_is_stopped_when_it_wakes() -> Result<()> {
    let siege = Siege::lay("hostile-sleeper").await?;
    let (above, below) = (siege.stage.above(SECRETS, "default"), siege.stage.below(SECRETS));
    for (name, round, reason, why) in [
        ("three", "3", "trap", "it trapped"),
        ("four", "4", "refused", "to delete virtual v1 Secret default/four, which it is not granted"),
        ("five", "5", "refused", "to create physical v1 Secret kube-system/sleeper, which it is not granted"),
        ("six", "6", "fuel", "it used up its 400000000 units of fuel"),
    ] {
        let copy = format!("{name}-x-default-x-my-vcluster");
        let turn = |round: &str, data: &str| json!({ "metadata": { "annotations": { "round": round } }, "data": { "a": data } });
        let follows = |data: &'static str| move |secret: &Value| secret["data"]["a"] == data;
        siege.bait(name).await?;
        below.appears(&copy).await?;
        above.change(name, turn("1", "MQ==")).await?;
        let before = below.until(&copy, "follows", follows("MQ==")).await?;
        above.change(name, turn(round, "Mg==")).await?;
        siege.told_of(&format!("default/{name}"), reason, why).await?;
        assert_eq!(below.find(&copy).await?, Some(before));
        // What it did then is not held against it now.
        above.change(name, turn("2", "Mw==")).await?;
        below.until(&copy, "follows", follows("Mw==")).await?;
    }
    assert_eq!(siege.secrets_written_above()?, [""; 0]);
    let (calls, writes, failures) = siege.holds("hostile-sleeper").await?;
    assert_eq!((&writes["create"], &writes["delete"]), (&json!(4), &Value::Null));
    let count = |reason: &str| failures[reason].as_u64().unwrap_or_default();
    let failed = count("trap") + count("fuel") + count("refused");
    ensure!(count("trap") > 0 && count("fuel") > 0 && count("refused") > 1 && failed < calls, "{failures}");
    Ok(())
}

#[tokio::test]
async fn hostile_courier_delivers_nothing() -> Result<()> {
    let siege = Siege::lay("hostile-courier").await?.after(ACCOUNTS);
    for name in ["static", "again", "once-more"] {
        // Its own letter, and no other's.
        siege.fails(&[(name, "retry", &format!("letters: {name}."))]).await?;
    }
    let target = siege.stage.lab.target_namespace.clone();
    siege
        .fails(&[
            ("above", "refused", "it asked to create virtual v1 ConfigMap default/letterbox, which"),
            ("below", "refused", &format!("it asked to create physical v1 ConfigMap {target}/letterbox, which")),
            ("source", "refused", "it asked to update virtual v1 ServiceAccount default/source, which"),
        ])
        .await?;
    siege.lure("log").await?;
    siege.stage.below(ACCOUNTS).appears("log-x-default-x-my-vcluster").await?;
    let lines = siege.sluice.stderr.all();
    let forged: Vec<_> = lines.iter().filter(|line| line.contains("forged")).collect();
    ensure!(forged.len() == 1, "{forged:?}");
    let line: Value = serde_json::from_str(forged[0]).context("a line that is no JSON")?;
    assert_eq!((&line["plugin"], &line["about"]), (&json!("hostile-courier"), &json!("ServiceAccount default/log")));

    assert_eq!(siege.secrets_written_above()?, [""; 0]);
    let (calls, writes, failures) = siege.holds("hostile-courier").await?;
    assert_eq!(writes, json!({ "create": 1 }));
    let count = |reason: &str| failures[reason].as_u64().unwrap_or_default();
    ensure!(count("retry") >= 3 && count("refused") >= 3 && count("retry") + count("refused") < calls, "{failures}");
    Ok(())
}
