//! Custom resources without code: what the config of `plugins/custom-resources` says happens.

mod both_ways;
mod down;
mod up;

use crate::support::{
    Stage,
    things::{DEFINITIONS, Kind, Things, text},
};
use anyhow::Result;
use serde_json::{Value, json};
use sluice_tests::{Lab, eventually};

/// A definition with a free spec and a status. Of a group of its own for each test: definitions are cluster-wide.
fn definition(kind: Kind, scope: &str) -> Value {
    let (group, version) = kind.0.split_once('/').unwrap_or_default();
    let free = json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true });
    let schema = json!({ "type": "object", "properties": { "spec": free, "status": free } });
    json!({
        "metadata": { "name": format!("{}.{group}", kind.2) },
        "spec": {
            "group": group, "scope": scope, "names": { "kind": kind.1, "plural": kind.2 },
            "versions": [{ "name": version, "served": true, "storage": true,
                "schema": { "openAPIV3Schema": schema }, "subresources": { "status": {} } }],
        },
    })
}

/// A stage whose clusters know the kind: below alone, or on both sides.
async fn stage(test_name: &str, kind: Kind, scope: &str, both: bool, config: &str) -> Result<Stage> {
    let stage = Stage::with_plugins(Lab::take(test_name).await?, &["custom-resources"], config)?;
    let definition = definition(kind, scope);
    let name = text(&definition, "/metadata/name");
    let established = |object: &Value| {
        let conditions = object["status"]["conditions"].as_array().cloned().unwrap_or_default();
        conditions.iter().any(|condition| condition["type"] == "Established" && condition["status"] == "True")
    };
    let below = stage.below_in(DEFINITIONS, "");
    below.put(definition.clone()).await?;
    below.until(name, "is established", established).await?;
    if both {
        let above = stage.above(DEFINITIONS, "");
        above.put(definition.clone()).await?;
        above.until(name, "is established", established).await?;
    }
    Ok(stage)
}

fn labelled(name: &str, spec: Value) -> Value {
    json!({ "metadata": { "name": name, "labels": { "team": "a" } }, "spec": spec })
}

/// Once the runtime has looked at what is there, it is served.
async fn put(things: &Things, object: Value) -> Result<Value> {
    eventually("the kind is served", async || things.put(object.clone()).await.map(Some)).await
}
