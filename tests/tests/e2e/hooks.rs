//! Hooks see every write of other plugins' syncers, and what those are shown.

use crate::support::{
    Stage, stop,
    things::{Kind, SECRETS, marker},
};
use anyhow::Result;
use serde_json::{Value, json};
use sluice_tests::Lab;

const PODS: Kind = Kind("v1", "Pod", "pods");
const SERVICES: Kind = Kind("v1", "Service", "services");

const CONFIG: &str = "
plugins:
  custom-resources:
    config:
      resources:
      - { apiVersion: v1, kind: Pod, direction: down }
      - apiVersion: v1
        kind: Service
        direction: down
        patches:
        - { path: /spec/clusterIP, expression: 'null' }
        - { path: /spec/clusterIPs, expression: 'null' }
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
    json!({ "metadata": { "name": name }, "spec": { "hostNetwork": host_network, "containers": [container] } })
}

#[tokio::test]
async fn api_a_hook_labels_pods_and_denies_some() -> Result<()> {
    let stage = Stage::with_plugins(Lab::take("hook_pods").await?, &["custom-resources", "pod-hooks"], CONFIG)?;
    let _sluice = stage.start().await?;
    let (above, below) = (stage.above(PODS, "default"), stage.below(PODS));
    above.put(pod("good", false)).await?;
    let copy = below.appears("good-x-default-x-my-vcluster").await?;
    assert_eq!(copy["metadata"]["labels"]["created-by-plugin"], "pod-hook");
    assert_eq!(marker(&copy, "object-name"), "good");

    // Its owner is told by whom and why, and it is tried again.
    let bad = above.put(pod("bad", true)).await?;
    let note = stage.told_that(&bad, "plugin pod-hooks denies it: ").await?;
    assert!(note.contains("hostNetwork is not for Pods of a virtual cluster"), "{note}");
    assert_eq!(below.find("bad-x-default-x-my-vcluster").await?, None);

    // An update passes the hook too: the label stays where the syncer would have taken it away.
    above.change("good", json!({ "metadata": { "labels": { "app": "shop" } } })).await?;
    let label = |pod: &Value| pod["metadata"]["labels"]["app"] == "shop";
    let copy = below.until("good-x-default-x-my-vcluster", "follows", label).await?;
    assert_eq!(copy["metadata"]["labels"]["created-by-plugin"], "pod-hook");
    above.change("good", json!({ "metadata": { "labels": { "app": null } } })).await?;
    let label = |pod: &Value| pod["metadata"]["labels"].get("app").is_none();
    let copy = below.until("good-x-default-x-my-vcluster", "follows", label).await?;
    assert_eq!(copy["metadata"]["labels"]["created-by-plugin"], "pod-hook");
    Ok(())
}

#[tokio::test]
async fn api_a_service_gets_a_second_port_and_loses_a_field() -> Result<()> {
    let lab = Lab::take("hook_services").await?;
    let stage = Stage::with_plugins(lab, &["custom-resources", "service-hooks"], CONFIG)?;
    let sluice = stage.start().await?;
    let (above, below) = (stage.above(SERVICES, "default"), stage.below(SERVICES));
    let spec = json!({ "ports": [{ "name": "test", "port": 1000 }], "externalIPs": ["192.0.2.1"] });
    above.put(json!({ "metadata": { "name": "test123" }, "spec": spec })).await?;
    let name = "test123-x-default-x-my-vcluster";
    let copy = below.appears(name).await?;
    let ports = |service: &Value| -> Vec<(String, i64)> {
        let port =
            |port: &Value| (port["name"].as_str().unwrap_or_default().to_owned(), port["port"].as_i64().unwrap_or(0));
        service["spec"]["ports"].as_array().into_iter().flatten().map(port).collect()
    };
    assert_eq!(ports(&copy), [("test".to_owned(), 1000), ("plugin".to_owned(), 19000)]);
    assert_eq!(copy["spec"].get("externalIPs"), None);

    above.change("test123", json!({ "spec": { "ports": [{ "name": "test", "port": 2000 }] } })).await?;
    let two = |service: &Value| ports(service) == [("test".to_owned(), 2000), ("plugin".to_owned(), 19000)];
    let copy = below.until(name, "follows, with both ports", two).await?;
    // The virtual Service is as its owner made it; and that the two differ is no reason to write.
    let virtual_ = above.appears("test123").await?;
    assert_eq!((ports(&virtual_).len(), &virtual_["spec"]["externalIPs"]), (1, &json!(["192.0.2.1"])));
    above.put(json!({ "metadata": { "name": "other" }, "spec": { "ports": [{ "port": 1 }] } })).await?;
    let other = below.appears("other-x-default-x-my-vcluster").await?;
    assert_eq!(ports(&other).len(), 1);
    assert_eq!(below.appears(name).await?["metadata"]["resourceVersion"], copy["metadata"]["resourceVersion"]);
    assert!(!sluice.logs().contains("SyncError"));
    Ok(())
}

#[tokio::test]
async fn api_hooks_are_called_in_the_order_of_their_plugins() -> Result<()> {
    let lab = Lab::take("hook_order").await?;
    let grant = "    grants: [{ side: physical, kind: Pod, verbs: [hook] }]";
    let config = format!("{CONFIG}  a-hooks:\n{grant}\n  z-hooks:\n{grant}\n");
    let stage = Stage::with_plugins(lab, &["custom-resources", "pod-hooks"], &config)?;
    // The same plugin under another name, and each would deny this one.
    let also =
        |name: &str| std::fs::copy(stage.plugin_folder().join("pod_hooks.wasm"), stage.plugin_folder().join(name));
    let denied = async |name: &str, by: &str| -> Result<()> {
        let sluice = stage.start().await?;
        let pod = stage.above(PODS, "default").put(pod(name, true)).await?;
        stage.told_that(&pod, &format!("plugin {by} denies it: ")).await?;
        stop(sluice).await?;
        Ok(())
    };
    also("z_hooks.wasm")?;
    denied("one", "pod-hooks").await?;
    also("a_hooks.wasm")?;
    denied("two", "a-hooks").await
}

#[tokio::test]
async fn api_a_secret_is_shown_with_a_wish_that_nobody_wrote() -> Result<()> {
    let config = "
plugins:
  custom-resources:
    config:
      resources: [{ apiVersion: v1, kind: Secret, direction: down }]
  secret-hooks:
    grants:
    - { side: virtual, kind: Secret, verbs: [hook] }
";
    let lab = Lab::take("hook_secrets").await?;
    let stage = Stage::with_plugins(lab, &["custom-resources", "secret-hooks"], config)?;
    let sluice = stage.start().await?;
    let (above, below) = (stage.above(SECRETS, "default"), stage.below(SECRETS));
    let wish = |secret: &Value| secret["metadata"]["annotations"]["vcluster.loft.sh/force-sync"].clone();
    let label = json!({ "sluice.example.com/needed": "" });
    above.put(json!({ "metadata": { "name": "test", "labels": label } })).await?;
    above.put(json!({ "metadata": { "name": "plain" } })).await?;
    let copy = below.appears("test-x-default-x-my-vcluster").await?;
    assert_eq!((wish(&copy), marker(&copy, "object-name")), ("true".into(), "test"));
    assert_eq!(wish(&below.appears("plain-x-default-x-my-vcluster").await?), Value::Null);
    assert_eq!(wish(&above.appears("test").await?), Value::Null);
    assert!(!sluice.logs().contains("SyncError"));
    Ok(())
}

#[tokio::test]
async fn cli_a_hook_has_to_be_granted() -> Result<()> {
    let stage = Stage::with_plugins(Lab::take("hook_grants").await?, &["pod-hooks"], "")?;
    let mut sluice = stage.launch()?;
    let line = r#"    - {"side":"physical","kind":"Pod","verbs":["hook"]}"#;
    sluice.wait_for_line(line).await?;
    Ok(())
}
