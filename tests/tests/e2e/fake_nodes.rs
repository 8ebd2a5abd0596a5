//! The plugin that makes a virtual Node for each node that virtual Pods name.

mod down;
mod quiet;
mod users_own;

use crate::support::{
    Stage,
    things::{Kind, marker, text},
};
use anyhow::Result;
use serde_json::{Value, json};
use sluice_tests::Lab;
use std::sync::atomic::{AtomicU32, Ordering};

const NODES: Kind = Kind("v1", "Node", "nodes");
const PODS: Kind = Kind("v1", "Pod", "pods");
const GRANTS: &str = "
plugins:
  fake-nodes:
    grants:
    - { side: virtual, kind: Pod, verbs: [read] }
";

#[tokio::test]
async fn api_a_node_stands_for_each_that_pods_name_and_goes_with_the_last() -> Result<()> {
    let stage = stage("fake_nodes").await?;
    let _sluice = stage.start().await?;
    let (nodes, pods) = (stage.above(NODES, ""), stage.above(PODS, "default"));
    for (name, node) in [("one", "shared"), ("two", "shared"), ("three", "alone")] {
        pods.put(pod(name, Some(node))).await?;
    }
    for name in ["shared", "alone"] {
        let node = nodes.until(name, "is ready", is_ready).await?;
        assert_eq!(node["metadata"]["labels"]["kubernetes.io/hostname"], name);
        assert_eq!(node["metadata"]["labels"]["kubernetes.io/os"], "linux");
        assert_eq!(marker(&node, "object-syncer"), "fake-nodes/fake-nodes");
    }
    // A Pod that runs nowhere yet names none.
    pods.put(pod("four", None)).await?;
    barrier(&stage).await?;
    assert_eq!(names(&stage).await?, ["alone", "shared"]);

    let shared = nodes.appears("shared").await?;
    pods.delete("three").await?;
    nodes.goes("alone").await?;
    pods.delete("one").await?;
    barrier(&stage).await?;
    assert_eq!(nodes.find("shared").await?, Some(shared.clone()));

    // One that is going still runs there.
    pods.change("two", json!({ "metadata": { "finalizers": ["example.com/hold"] } })).await?;
    pods.delete("two").await?;
    barrier(&stage).await?;
    assert_eq!(nodes.find("shared").await?, Some(shared));
    pods.change("two", json!({ "metadata": { "finalizers": null } })).await?;
    nodes.goes("shared").await?;
    assert_eq!(names(&stage).await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn api_a_fake_node_that_is_deleted_comes_back_while_a_pod_names_it() -> Result<()> {
    let stage = stage("fake_node_back").await?;
    let _sluice = stage.start().await?;
    let (nodes, pods) = (stage.above(NODES, ""), stage.above(PODS, "default"));
    pods.put(pod("one", Some("a"))).await?;
    let first = nodes.until("a", "is ready", is_ready).await?;
    nodes.delete("a").await?;
    let anew = |node: &Value| is_ready(node) && uid(node) != uid(&first);
    nodes.until("a", "is made again, and ready", anew).await?;

    pods.delete("one").await?;
    nodes.goes("a").await?;
    barrier(&stage).await?;
    assert_eq!(nodes.find("a").await?, None, "and not without one");
    Ok(())
}

async fn stage(test_name: &str) -> Result<Stage> {
    Stage::with_plugins(Lab::take(test_name).await?, &["fake-nodes"], GRANTS)
}

/// A Pod on this node, if on any. No kubelet ends it, so it goes at once.
fn pod(name: &str, node: Option<&str>) -> Value {
    let container = json!({ "name": "main", "image": "example.com/none" });
    let spec = json!({ "nodeName": node, "containers": [container], "terminationGracePeriodSeconds": 0 });
    json!({ "metadata": { "name": name }, "spec": spec })
}

fn is_ready(node: &Value) -> bool {
    let conditions = node["status"]["conditions"].as_array();
    conditions.into_iter().flatten().any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
}

fn uid(object: &Value) -> &str {
    text(object, "/metadata/uid")
}

/// The names of all Nodes, in order.
async fn names(stage: &Stage) -> Result<Vec<String>> {
    let mut names = stage.above(NODES, "").names().await?;
    names.sort();
    Ok(names)
}

/// Waits until the runtime has seen what happened before to Pods and to Nodes.
async fn barrier(stage: &Stage) -> Result<()> {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let (nodes, pods) = (stage.above(NODES, ""), stage.above(PODS, "default"));
    let name = format!("barrier-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    pods.put(pod(&name, Some(&name))).await?;
    let first = nodes.until(&name, "is ready", is_ready).await?;
    nodes.delete(&name).await?;
    nodes.until(&name, "is made again, and ready", |node| is_ready(node) && uid(node) != uid(&first)).await?;
    pods.delete(&name).await?;
    nodes.goes(&name).await
}
