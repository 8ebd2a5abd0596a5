//! What a plugin was shown of a Secret is where its copy stands, and nowhere else, in whatever spelling.

use super::siege::Siege;
use crate::support::things::SECRETS;
use anyhow::{Result, ensure};
use k8s_openapi::api::events::v1::Event;
use kube::{Api, api::ListParams};
use serde_json::json;

/// What no spelling of anything else holds.
const PASSWORD: &str = "xyzzy-Correct7Horse";
const SPELLINGS: [&str; 4] =
    [PASSWORD, "eHl6enktQ29ycmVjdDdIb3JzZQ", "78797a7a792d436f727265637437486f727365", "esroH7tcerroC-yzzyx"];

#[tokio::test]
async fn hostile_tattle_is_not_heard() -> Result<()> {
    let config = "
plugins:
  hostile-tattle:
    grants:
    - { side: physical, kind: Secret, verbs: [hook] }
";
    let siege = Siege::lay_saying("hostile-tattle", config, &["--log-level", "debug"]).await?;
    let (above, below) = (siege.stage.above(SECRETS, "default"), siege.stage.below(SECRETS));
    for name in ["log", "print", "complain", "event", "reason", "good"] {
        above.put(json!({ "metadata": { "name": name }, "stringData": { "p": PASSWORD } })).await?;
        below.appears(&format!("{name}-x-default-x-my-vcluster")).await?;
    }
    for (name, reason) in
        [("panic", "trap"), ("retry", "retry"), ("permanent", "permanent"), ("deny-it", "denied"), ("trap-it", "hook")]
    {
        above.put(json!({ "metadata": { "name": name }, "stringData": { "p": PASSWORD } })).await?;
        siege.told_of(&format!("default/{name}"), reason, "").await?;
        assert_eq!(below.find(&format!("{name}-x-default-x-my-vcluster")).await?, None);
    }
    siege.stage.barrier().await?;

    let mut leaks = vec![];
    let mut look = |place: String, text: &str| {
        let told = SPELLINGS.iter().enumerate().filter(|(_, spelling)| text.contains(**spelling));
        leaks.extend(told.map(|(at, _)| format!("{place}, {}", ["as it is", "in base64", "in hex", "reversed"][at])));
    };
    let logs = siege.sluice.logs();
    logs.lines().for_each(|line| look(format!("a log line: {}", &line[..line.len().min(120)]), line));
    for (side, client) in [("virtual", &siege.stage.lab.virtual_client), ("physical", &siege.stage.lab.physical_client)]
    {
        for event in Api::<Event>::all(client.clone()).list(&ListParams::default()).await?.items {
            let about = event.regarding.as_ref().and_then(|about| about.name.clone()).unwrap_or_default();
            look(format!("a {side} Event about {about}"), &json!(event).to_string());
        }
    }
    let asked = siege.asked()?;
    let copies =
        asked.iter().filter(|event| event.resource == "secrets" && event.request.to_string().contains("\"p\""));
    ensure!(copies.count() >= 6, "the audit log lacks the copies");
    for event in asked.iter().filter(|event| event.resource != "secrets") {
        look(format!("a request: {} {} {}", event.verb, event.resource, event.name), &event.request.to_string());
    }
    for event in asked.iter().filter(|event| event.resource == "secrets") {
        let mut request = event.request.clone();
        request["data"].take();
        look(format!("beside the data of {}", event.name), &request.to_string());
    }
    leaks.sort();
    leaks.dedup();
    ensure!(leaks.is_empty(), "it is heard in {} places:\n{}", leaks.len(), leaks.join("\n"));
    let (_, writes, _) = siege.holds("hostile-tattle").await?;
    assert_eq!(writes, json!({ "create": 6 }));
    Ok(())
}
