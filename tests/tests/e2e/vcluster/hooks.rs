//! Hooks see what vCluster itself reads and writes.

use super::program::VCluster;
use crate::support::Stage;
use anyhow::Result;
use serde_json::{Value, json};
use sluice_tests::Lab;

const CONFIG: &str = "
plugins:
  hostile-hook:
    grants:
    - { side: physical, kind: Secret, verbs: [hook] }
  pod-hooks:
    grants:
    - { side: physical, kind: Pod, verbs: [hook] }
  service-hooks:
    grants:
    - { side: virtual, kind: Service, verbs: [hook] }
    - { side: physical, kind: Service, verbs: [hook] }
";

fn pod(name: &str, host_network: bool) -> Value {
    let container = json!({ "name": "main", "image": "example.com/none" });
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": name, "namespace": "ns", "labels": { "a": "b" } },
        "spec": { "hostNetwork": host_network, "containers": [container] } })
}

/// With hooks of Pods, Services and Secrets. It need not lead: vCluster asks on every replica.
async fn hooked(test: &str) -> Result<(Stage, VCluster)> {
    let plugins = ["pod-hooks", "service-hooks", "hostile-hook"];
    let stage = Stage::with_plugins(Lab::take(test).await?, &plugins, CONFIG)?;
    let mut vcluster = VCluster::run(&stage)?;
    vcluster.start(&stage, json!({})).await?;
    Ok((stage, vcluster))
}

#[tokio::test]
async fn vcluster_asks_hooks_and_does_what_they_say() -> Result<()> {
    let (_stage, mut vcluster) = hooked("vcluster_hooks").await?;
    for r#type in ["CreatePhysical", "UpdatePhysical", "ApplyPhysical"] {
        let changed = vcluster.mutate(r#type, pod("good", false)).await?;
        assert_eq!(changed["metadata"]["labels"], json!({ "a": "b", "created-by-plugin": "pod-hook" }), "{type}");
        assert_eq!(changed["spec"]["containers"][0]["image"], "example.com/none");
    }
    // What no hook is for does not even come here.
    for r#type in ["GetPhysical", "CreateVirtual"] {
        assert_eq!(vcluster.mutate(r#type, pod("good", false)).await?["metadata"]["labels"], json!({ "a": "b" }));
    }
    let why = vcluster.denied("CreatePhysical", pod("bad", true)).await?;
    assert!(why.contains("CreatePhysical v1 Pod ns/bad: plugin pod-hooks denies it: "), "{why}");
    assert!(why.contains("hostNetwork is not for Pods of a virtual cluster"), "{why}");
    Ok(())
}

#[tokio::test]
async fn vcluster_loses_what_hooks_take_away() -> Result<()> {
    let (_stage, mut vcluster) = hooked("vcluster_taken").await?;
    let service = json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "a", "namespace": "ns" },
        "spec": { "type": "ClusterIP", "ports": [{ "name": "test", "port": 1000 }], "externalIPs": ["192.0.2.1"],
            "externalTrafficPolicy": "Local", "selector": { "app": "shop" } } });
    let made = vcluster.mutate("CreatePhysical", service.clone()).await?;
    assert_eq!((made["spec"].get("externalIPs"), made["spec"].get("externalTrafficPolicy")), (None, None));
    assert_eq!(made["spec"]["selector"], json!({ "app": "shop" }));
    let ports: Vec<_> = made["spec"]["ports"].as_array().into_iter().flatten().map(|port| &port["port"]).collect();
    assert_eq!(ports, [1000, 19000]);
    // What is read is shown with the port, and loses nothing.
    let read = vcluster.mutate("GetVirtual", service).await?;
    assert_eq!(
        (&read["spec"]["externalIPs"], &read["spec"]["ports"][1]["port"]),
        (&json!(["192.0.2.1"]), &19000.into())
    );
    Ok(())
}

#[tokio::test]
async fn vcluster_is_denied_what_a_hook_fails_on() -> Result<()> {
    let (_stage, mut vcluster) = hooked("vcluster_hostile").await?;
    for (way, said) in [
        ("spin", "used up its 400000000 units of fuel"),
        ("panic", "the hook \"review\" of plugin hostile-hook failed"),
        ("deny", "plugin hostile-hook denies it: "),
        ("name", "is another one than it was given"),
        ("markers", "is another one than it was given"),
    ] {
        let metadata = json!({ "name": way, "namespace": "ns", "annotations": { "way": way } });
        let secret =
            json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": { "k": "aHVudGVyMg==" } });
        let why = vcluster.denied("CreatePhysical", secret).await?;
        assert!(why.contains(&format!("CreatePhysical v1 Secret ns/{way}: ")) && why.contains(said), "{why}");
    }
    vcluster.does(json!({ "do": "ping" })).await?;
    assert!(!vcluster.logs().contains("aHVudGVyMg"), "{}", vcluster.logs());
    Ok(())
}
