//! Of whatever it asks, a plugin gets no more than its share.

use super::siege::{ACCOUNTS, Siege};
use crate::support::calls;
use anyhow::{Result, ensure};
use k8s_openapi::api::events::v1::Event;
use kube::{Api, api::ListParams};
use serde_json::json;
use sluice_tests::eventually;
use std::time::Instant;

#[tokio::test]
async fn hostile_restless_is_called_once_a_second() -> Result<()> {
    let began = Instant::now();
    let siege = Siege::lay_saying("hostile-restless", "", &["--log-level", "debug"]).await?;
    for count in 0..16 {
        siege.bait(&format!("bait-{count}")).await?;
    }
    eventually("each is called again", async || {
        (0..16).all(|count| calls(&siege.sluice, &format!("default/bait-{count}")).len() > 2)
    })
    .await?;
    assert_eq!(siege.secrets_written()?, []);
    let (calls, writes, failures) = siege.holds("hostile-restless").await?;
    assert_eq!((writes, failures), (json!({}), json!({})));
    // Each at first and then once a second, which is the least that can be asked for; and what the lab has of its own.
    let most = (began.elapsed().as_secs() + 2) * 20;
    ensure!(calls <= most, "{calls} calls, and not {most} at most");
    Ok(())
}

#[tokio::test]
async fn hostile_many_things_are_none() -> Result<()> {
    let siege = Siege::lay("hostile-many").await?;
    let why = "it asked for 10001 things at once; the limit is 64";
    let ways = ["applies", "deletes", "removes", "desires", "events", "requeues"];
    siege.fails(&ways.map(|way| (way, "refused", why))).await?;
    assert_eq!((siege.secrets_written()?, siege.secrets_written_above()?), (vec![], vec![]));
    let (calls, writes, failures) = siege.holds("hostile-many").await?;
    assert_eq!((writes, failures), (json!({}), json!({ "refused": calls })));
    Ok(())
}

#[tokio::test]
async fn hostile_chatty_is_cut_short() -> Result<()> {
    let siege = Siege::lay("hostile-chatty").await?.after(ACCOUNTS);
    siege
        .fails(&[
            ("thousands", "refused", "it asked for 10001 things at once; the limit is 64"),
            ("megabytes", "memory", "it wanted more than its 64 MiB of memory"),
        ])
        .await?;
    for name in ["long", "wide", "control", "empty"] {
        siege.lure(name).await?;
        siege.stage.below(ACCOUNTS).appears(&format!("{name}-x-default-x-my-vcluster")).await?;
    }
    siege.stage.barrier().await?;
    let events: Api<Event> = Api::namespaced(siege.stage.lab.virtual_client.clone(), "default");
    let about = async |name: &str| -> Result<Vec<Event>> {
        let mut events = events.list(&ListParams::default()).await?.items;
        events.retain(|event| event.regarding.as_ref().is_some_and(|about| about.name.as_deref() == Some(name)));
        Ok(events)
    };
    for (name, least) in [("long", 1), ("wide", 1), ("control", 0), ("empty", 0)] {
        eventually("it is told", async || about(name).await.is_ok_and(|events| events.len() >= least)).await?;
    }
    for name in ["long", "wide", "control", "empty"] {
        let said = about(name).await?;
        ensure!(said.len() <= 64, "{name}: {} Events", said.len());
        for event in said {
            let (reason, note) = (event.reason.unwrap_or_default(), event.note.unwrap_or_default());
            ensure!(reason.len() <= 128 && note.len() <= 1024, "{name}: {reason} {note}");
            ensure!(!(reason + &note).chars().any(char::is_control), "the Event about {name} has control characters");
        }
    }
    ensure!(siege.secrets_written()?.iter().all(|(verb, _)| verb == "create"));
    let (_, writes, failures) = siege.holds("hostile-chatty").await?;
    assert_eq!(writes, json!({ "create": 4 }));
    ensure!(failures["refused"].as_u64() >= Some(1) && failures["memory"].as_u64() >= Some(1), "{failures}");
    Ok(())
}
