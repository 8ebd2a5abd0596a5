//! Watches that cannot go on from where they were: beside this plugin, those of fake Nodes and of what is everywhere.

use super::{INGRESSES, barrier, copy_name, ingress, secret};
use crate::support::{
    Stage, create_namespace,
    things::{Kind, SECRETS},
    writes,
};
use anyhow::Result;
use serde_json::json;
use sluice_tests::{AuditEvent, Lab};

const CONFIG_MAPS: Kind = Kind("v1", "ConfigMap", "configmaps");
const NODES: Kind = Kind("v1", "Node", "nodes");
const PODS: Kind = Kind("v1", "Pod", "pods");
const SERVICE_ACCOUNTS: Kind = Kind("v1", "ServiceAccount", "serviceaccounts");
const GRANTS: &str = "
plugins:
  fake-nodes:
    grants:
    - { side: virtual, kind: Pod, verbs: [read] }
  ingress-secrets:
    grants:
    - { side: virtual, group: networking.k8s.io, kind: Ingress, verbs: [read] }
  namespace-config:
    grants:
    - { side: virtual, kind: Namespace, verbs: [read] }
";

#[tokio::test]
async fn api_a_relist_of_what_is_watched_writes_nothing_but_what_changed_meanwhile() -> Result<()> {
    let plugins = ["fake-nodes", "ingress-secrets", "namespace-config"];
    let mut stage = Stage::with_plugins(Lab::alone("relist_watched").await?, &plugins, GRANTS)?;
    let mut sluice = stage.start().await?;
    for name in ["stays", "goes"] {
        stage.above(SECRETS, "default").put(secret(name)).await?;
        stage.above(INGRESSES, "default").put(ingress(name, &[name])).await?;
        stage.below(SECRETS).appears(&copy_name(name, "default")).await?;
        let spec = json!({ "nodeName": name, "terminationGracePeriodSeconds": 0,
            "containers": [{ "name": "main", "image": "example.com/none" }] });
        stage.above(PODS, "default").put(json!({ "metadata": { "name": name }, "spec": spec })).await?;
        stage.above(NODES, "").until(name, "has a status", |node| node["status"]["conditions"].is_array()).await?;
    }
    let labels = json!({ "sluice.example.com/everywhere": "yes" });
    stage.below(CONFIG_MAPS).put(json!({ "metadata": { "name": "rules", "labels": labels } })).await?;
    stage.above(CONFIG_MAPS, "default").appears("rules").await?;
    barrier(&stage).await?;

    // Something happens that no watch shows: so what each has seen last is too old for one that starts anew.
    stage.above(SERVICE_ACCOUNTS, "default").put(json!({ "metadata": { "name": "unseen" } })).await?;
    let (above, below) = (stage.lab.virtual_plane.audit_mark(), stage.lab.physical_plane.audit_mark());
    sluice.signal("STOP")?;
    stage.lab.virtual_plane.restart_apiserver().await?;
    stage.lab.virtual_client = stage.lab.virtual_plane.client().await?;
    stage.above(INGRESSES, "default").delete("goes").await?;
    stage.above(PODS, "default").delete("goes").await?;
    create_namespace(&stage.lab.virtual_client, "late").await?;
    sluice.signal("CONT")?;
    stage.below(SECRETS).goes(&copy_name("goes", "default")).await?;
    stage.above(NODES, "").goes("goes").await?;
    stage.above(CONFIG_MAPS, "late").appears("rules").await?;
    barrier(&stage).await?;

    let good = |events: Vec<AuditEvent>| events.into_iter().filter(|event| event.code < 300).collect::<Vec<_>>();
    let (above, below) = (good(stage.asked_above(above)?), good(stage.asked_below(below)?));
    for kind in ["ingresses", "namespaces", "pods"] {
        let listed = |event: &AuditEvent| event.resource == kind && event.verb == "list";
        assert!(above.iter().any(listed), "it is not a relist of {kind}");
    }
    let mut written = writes(&above);
    written.sort_unstable();
    assert_eq!(written, [("create", "rules"), ("delete", "goes")]);
    assert_eq!(writes(&below), [("delete", copy_name("goes", "default").as_str())]);
    Ok(())
}
