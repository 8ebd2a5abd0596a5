//! The plugin that brings one ConfigMap up into every virtual namespace.

mod down;
mod leaving;
mod tenants_own;

use crate::support::{
    Stage, create_namespace,
    things::{Kind, marker, text},
    writes,
};
use anyhow::{Result, ensure};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{Api, ResourceExt, api::ListParams};
use serde_json::{Value, json};
use sluice_tests::{Lab, eventually, plane::AuditMark};
use std::sync::atomic::{AtomicU32, Ordering};

const CONFIG_MAPS: Kind = Kind("v1", "ConfigMap", "configmaps");
const EVERYWHERE: &str = "sluice.example.com/everywhere";
const GRANTS: &str = "
plugins:
  namespace-config:
    grants:
    - { side: virtual, kind: Namespace, verbs: [read] }
";

#[tokio::test]
async fn api_a_config_map_appears_in_every_virtual_namespace_and_in_those_that_come_later() -> Result<()> {
    let stage = stage("everywhere").await?;
    let _sluice = stage.start().await?;
    let below = stage.below(CONFIG_MAPS);
    below.put(config("rules", "blue")).await?;
    below.put(json!({ "metadata": { "name": "private" }, "data": { "colour": "blue" } })).await?;
    stands_in(&stage, "rules", &["default"], "blue").await?;
    for namespace in ["team-a", "kube-team", "team-b"] {
        create_namespace(&stage.lab.virtual_client, namespace).await?;
    }
    let all = ["default", "team-a", "team-b"];
    stands_in(&stage, "rules", &all, "blue").await?;
    let copy = stage.above(CONFIG_MAPS, "team-a").appears("rules").await?;
    assert_eq!((marker(&copy, "object-imported"), marker(&copy, "object-host-name")), ("true", "rules"));
    assert_eq!(marker(&copy, "object-syncer"), "namespace-config/namespace-config");

    below.change("rules", json!({ "data": { "colour": "red" } })).await?;
    stands_in(&stage, "rules", &all, "red").await?;
    // A second one is no matter of the first.
    below.put(config("more", "green")).await?;
    stands_in(&stage, "more", &all, "green").await?;
    below.delete("more").await?;
    stands_in(&stage, "more", &[], "").await?;
    barrier(&stage).await?;
    stands_in(&stage, "rules", &all, "red").await?;
    stands_in(&stage, "private", &[], "").await?;

    // Without its label it is nobody's but the operator's.
    below.change("rules", json!({ "metadata": { "labels": { EVERYWHERE: null } } })).await?;
    stands_in(&stage, "rules", &[], "").await?;
    below.change("rules", json!({ "metadata": { "labels": { EVERYWHERE: "yes" } } })).await?;
    stands_in(&stage, "rules", &all, "red").await?;
    below.delete("rules").await?;
    stands_in(&stage, "rules", &[], "").await?;
    barrier(&stage).await?;
    stands_in(&stage, "rules", &[], "").await
}

async fn stage(test_name: &str) -> Result<Stage> {
    Stage::with_plugins(Lab::take(test_name).await?, &["namespace-config"], GRANTS)
}

/// What every namespace is to have.
fn config(name: &str, colour: &str) -> Value {
    json!({ "metadata": { "name": name, "labels": { EVERYWHERE: "yes" } }, "data": { "colour": colour } })
}

/// Waits until virtual ConfigMaps of this name stand in just these namespaces, each of this colour.
async fn stands_in(stage: &Stage, name: &str, namespaces: &[&str], colour: &str) -> Result<()> {
    let all: Api<ConfigMap> = Api::all(stage.lab.virtual_client.clone());
    let of_name = ListParams::default().fields(&format!("metadata.name={name}"));
    let expected: Vec<_> = namespaces.iter().map(|namespace| format!("{namespace}: {colour}")).collect();
    eventually(&format!("{name} stands as in {expected:?}"), async || -> Result<()> {
        let found = all.list(&of_name).await?.items.into_iter().map(|map| {
            let colour = map.data.as_ref().and_then(|data| data.get("colour")).map_or("", |colour| colour);
            format!("{}: {colour}", map.namespace().unwrap_or_default())
        });
        let mut found: Vec<_> = found.collect();
        found.sort();
        ensure!(found == expected, "{found:?}");
        Ok(())
    })
    .await
}

/// What was written to virtual ConfigMaps since the mark, in order of the verbs.
fn written(stage: &Stage, mark: AuditMark) -> Result<Vec<String>> {
    let mut asked = stage.asked_above(mark)?;
    asked.retain(|event| event.resource == "configmaps");
    let one = |event| {
        let written = writes(std::slice::from_ref(event)).pop()?;
        Some(format!("{} {}/{}", written.0, event.namespace, written.1))
    };
    let mut written: Vec<_> = asked.iter().filter_map(one).collect();
    written.sort();
    Ok(written)
}

/// Waits until the runtime has seen what happened before to ConfigMaps of either side.
async fn barrier(stage: &Stage) -> Result<()> {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let (above, below) = (stage.above(CONFIG_MAPS, "default"), stage.below(CONFIG_MAPS));
    let name = format!("barrier-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    below.put(config(&name, "none")).await?;
    let first = above.appears(&name).await?;
    above.delete(&name).await?;
    let anew = |copy: &Value| text(copy, "/metadata/uid") != text(&first, "/metadata/uid");
    above.until(&name, "is made again", anew).await?;
    below.delete(&name).await?;
    stands_in(stage, &name, &[], "").await
}
