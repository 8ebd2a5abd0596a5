//! The plugin that deploys something when it starts.

mod config;

use crate::support::{
    Stage, blue, calls,
    refusal::refusal,
    things::{DEFINITIONS, Kind, NAMESPACES, text},
};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use sluice_tests::Lab;

const CONTACTS: Kind = Kind("example.loft.sh/v1", "Contact", "contacts");
const DEPLOYMENTS: Kind = Kind("apps/v1", "Deployment", "deployments");

/// What the plugin asks for, as the refusal prints it.
const GRANTS: &str = r#"plugins:
  bootstrap:
    grants:
    - {"side":"virtual","group":"apiextensions.k8s.io","kind":"CustomResourceDefinition","verbs":["create","update"],"names":["contacts.example.loft.sh"]}
    - {"side":"virtual","kind":"Namespace","verbs":["create","update"],"names":["support"]}
    - {"side":"virtual","group":"example.loft.sh","kind":"Contact","verbs":["create","update"],"namespaces":["support"],"names":["operator"]}
    - {"side":"virtual","group":"apps","kind":"Deployment","verbs":["create","update"],"namespaces":["default"],"names":["mydeployment"]}"#;

#[tokio::test]
async fn api_what_a_plugin_deploys_is_there_once_it_has_started() -> Result<()> {
    let stage = stage("deployed", &["bootstrap"]).await?;
    let mut sluice = stage.start().await?;
    let first = deployed(&stage).await?;
    for object in &first {
        assert_eq!(managers(object), ["bootstrap"], "{object}");
    }
    assert_eq!(first[2]["spec"], json!({ "email": "operator@example.com" }));
    assert_eq!(first[3]["spec"]["replicas"], 1);

    // Once more, and nothing changes.
    sluice.terminate().await?;
    let mut sluice = stage.start().await?;
    assert_eq!(versions(&deployed(&stage).await?), versions(&first));

    // What was changed and deleted is put right, and what the operator says counts.
    sluice.terminate().await?;
    stage.above(CONTACTS, "support").change("operator", json!({ "spec": { "email": "me@example.com" } })).await?;
    stage.above(DEPLOYMENTS, "default").delete("mydeployment").await?;
    stage.configure(&format!("{GRANTS}\n    config: {{ replicas: 3 }}"))?;
    let _sluice = stage.start().await?;
    let again = deployed(&stage).await?;
    assert_eq!(versions(&again)[..2], versions(&first)[..2]);
    assert_eq!(again[2]["spec"], first[2]["spec"]);
    assert_eq!(again[3]["spec"]["replicas"], 3);
    Ok(())
}

#[tokio::test]
async fn api_what_cannot_be_deployed_is_tried_again_and_other_plugins_go_on() -> Result<()> {
    let stage = stage("not_deployed", &["bootstrap", "configmaps"]).await?;
    // Its selector cannot be changed, so this one cannot become ours.
    let other = json!({ "matchLabels": { "app": "other" } });
    let template = json!({ "metadata": { "labels": { "app": "other" } }, "spec": { "containers": [{ "name": "a", "image": "a" }] } });
    let deployments = stage.above(DEPLOYMENTS, "default");
    deployments
        .put(json!({ "metadata": { "name": "mydeployment" }, "spec": { "selector": other, "template": template } }))
        .await?;

    let mut sluice = stage.start().await?;
    let line = sluice.wait_for_line("it is tried again").await?;
    assert!(line.contains("Deployment default/mydeployment") && line.contains("selector"), "{line}");
    stage.pair(blue("a")).await?;
    assert_eq!(calls(&sluice, "default/a")[..1], ["sync-down"]);

    deployments.delete("mydeployment").await?;
    deployments.until("mydeployment", "is deployed", |found| managers(found) == ["bootstrap"]).await?;
    Ok(())
}

#[tokio::test]
async fn cli_a_plugin_deploys_nothing_that_it_is_not_granted() -> Result<()> {
    let stage = stage("deploys_nothing", &["bootstrap"]).await?;
    stage.configure("")?;
    let said = refusal(&stage).await?;
    let (asked, yaml) =
        said.split_once("leave it out, or grant this in the file that --config names:\n").context(said.clone())?;
    let asked: Vec<&str> = asked.lines().skip(1).collect();
    assert_eq!(
        asked,
        [
            "  create, update virtual apiextensions.k8s.io/CustomResourceDefinition named contacts.example.loft.sh",
            "  create, update virtual Namespace named support",
            "  create, update virtual example.loft.sh/Contact in support named operator",
            "  create, update virtual apps/Deployment in default named mydeployment",
        ]
    );
    assert_eq!(yaml, GRANTS);

    // Granted in another namespace, or to create alone: just what is missing is told.
    for (granted, instead, missing) in [
        (r#""namespaces":["default"]"#, r#""namespaces":["support"]"#, "create, update"),
        (r#""kind":"Deployment","verbs":["create","update"]"#, r#""kind":"Deployment","verbs":["create"]"#, "update"),
    ] {
        stage.configure(&GRANTS.replace(granted, instead))?;
        let said = refusal(&stage).await?;
        let line = format!("\n  {missing} virtual apps/Deployment in default named mydeployment\nleave it out");
        assert!(said.contains(&line) && !said.contains("Contact"), "{said}");
    }
    assert_eq!(stage.above(NAMESPACES, "").find("support").await?, None);
    Ok(())
}

async fn stage(test_name: &str, plugins: &[&str]) -> Result<Stage> {
    Stage::with_plugins(Lab::take(test_name).await?, plugins, GRANTS)
}

/// Everything, in the order in which it is deployed.
async fn deployed(stage: &Stage) -> Result<Vec<Value>> {
    let mut all = vec![];
    for (kind, namespace, name) in [
        (DEFINITIONS, "", "contacts.example.loft.sh"),
        (NAMESPACES, "", "support"),
        (CONTACTS, "support", "operator"),
        (DEPLOYMENTS, "default", "mydeployment"),
    ] {
        all.push(stage.above(kind, namespace).find(name).await?.with_context(|| format!("no {name}"))?);
    }
    Ok(all)
}

/// Who applied it; the API server itself fills in the status of some.
fn managers(object: &Value) -> Vec<&str> {
    let fields = object["metadata"]["managedFields"].as_array().into_iter().flatten();
    fields.filter(|entry| entry["subresource"].is_null()).map(|entry| text(entry, "/manager")).collect()
}

fn versions(objects: &[Value]) -> Vec<&str> {
    objects.iter().map(|object| text(object, "/metadata/resourceVersion")).collect()
}
