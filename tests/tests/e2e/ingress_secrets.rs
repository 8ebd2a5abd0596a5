//! The plugin that copies the Secrets that an Ingress names.

mod down;
mod relist;

use crate::support::{
    Stage, calls, create_namespace,
    refusal::refusal,
    things::{Kind, SECRETS, text},
};
use anyhow::Result;
use serde_json::{Value, json};
use sluice_tests::Lab;
use std::sync::atomic::{AtomicU32, Ordering};

const INGRESSES: Kind = Kind("networking.k8s.io/v1", "Ingress", "ingresses");
const GRANTS: &str = "
plugins:
  ingress-secrets:
    grants:
    - { side: virtual, group: networking.k8s.io, kind: Ingress, verbs: [read] }
";

#[tokio::test]
async fn api_only_secrets_that_an_ingress_names_come_down() -> Result<()> {
    let stage = stage("named_secrets").await?;
    let sluice = stage.start().await?;
    create_namespace(&stage.lab.virtual_client, "vault").await?;
    let (ingresses, secrets, below) =
        (stage.above(INGRESSES, "default"), stage.above(SECRETS, "default"), stage.below(SECRETS));
    for name in ["tls", "unnamed", "auth"] {
        secrets.put(secret(name)).await?;
    }
    stage.above(SECRETS, "vault").put(secret("auth")).await?;
    barrier(&stage).await?;
    assert_eq!(below.names().await?, Vec::<String>::new());

    // By TLS in its own namespace, and in an annotation in any.
    let mut shop = ingress("shop", &["tls"]);
    shop["metadata"]["annotations"] = json!({ "nginx.ingress.kubernetes.io/auth-secret": "vault/auth" });
    ingresses.put(shop).await?;
    for (name, namespace) in [("tls", "default"), ("auth", "vault")] {
        let copy = below.appears(&copy_name(name, namespace)).await?;
        assert_eq!((&copy["data"], used_by(&copy)), (&secret(name)["data"], "default/shop"));
    }
    // What is named before it is there comes as soon as it is.
    ingresses.put(ingress("early", &["late"])).await?;
    barrier(&stage).await?;
    secrets.put(secret("late")).await?;
    below.appears(&copy_name("late", "default")).await?;
    secrets.change("unnamed", json!({ "data": { "a": "Yg==" } })).await?;
    secrets.change("late", json!({ "data": { "a": "Yg==" } })).await?;
    below.until(&copy_name("late", "default"), "follows", |copy| copy["data"]["a"] == "Yg==").await?;
    barrier(&stage).await?;

    let mut copies = below.names().await?;
    copies.sort();
    let named = [("auth", "vault"), ("late", "default"), ("tls", "default")];
    assert_eq!(copies, named.map(|(name, namespace)| copy_name(name, namespace)));
    // The plugin was never shown what it need not see.
    for key in ["default/unnamed", "default/auth"] {
        assert_eq!(calls(&sluice, key), Vec::<String>::new());
    }
    assert_eq!(calls(&sluice, "vault/auth"), ["sync-down"]);
    Ok(())
}

#[tokio::test]
async fn api_a_change_of_an_ingress_brings_one_secret_and_takes_another_away() -> Result<()> {
    let stage = stage("renamed_secret").await?;
    let sluice = stage.start().await?;
    let (ingresses, secrets, below) =
        (stage.above(INGRESSES, "default"), stage.above(SECRETS, "default"), stage.below(SECRETS));
    for name in ["old", "new", "both"] {
        secrets.put(secret(name)).await?;
    }
    let [old, new, both] = ["old", "new", "both"].map(|name| copy_name(name, "default"));
    ingresses.put(ingress("shop", &["old", "both"])).await?;
    below.appears(&old).await?;
    let stays = below.appears(&both).await?;

    ingresses.change("shop", json!({ "spec": ingress("shop", &["new", "both"])["spec"] })).await?;
    below.appears(&new).await?;
    below.goes(&old).await?;
    // Neither what the Ingress says besides, nor what changes on one that nothing names any more, is of any matter.
    ingresses.change("shop", json!({ "metadata": { "labels": { "team": "a" } } })).await?;
    secrets.change("old", json!({ "data": { "a": "Yg==" } })).await?;
    barrier(&stage).await?;
    assert_eq!(below.find(&old).await?, None);
    assert_eq!(below.appears(&both).await?, stays);

    ingresses.delete("shop").await?;
    for copy in [&new, &both] {
        below.goes(copy).await?;
    }
    // The Secrets themselves are as they were.
    for name in ["old", "new", "both"] {
        secrets.appears(name).await?;
    }
    assert!(!sluice.logs().contains("SyncError"));
    Ok(())
}

#[tokio::test]
async fn api_a_copy_says_which_ingresses_use_its_secret() -> Result<()> {
    let stage = stage("used_by").await?;
    let _sluice = stage.start().await?;
    create_namespace(&stage.lab.virtual_client, "other").await?;
    let (ingresses, secrets, below) =
        (stage.above(INGRESSES, "default"), stage.above(SECRETS, "default"), stage.below(SECRETS));
    let before = secrets.put(secret("tls")).await?;
    let copy = copy_name("tls", "default");
    let says =
        async |users: &str| below.until(&copy, &format!("is used by {users}"), |copy| used_by(copy) == users).await;
    ingresses.put(ingress("shop", &["tls"])).await?;
    let first = says("default/shop").await?;

    // Though neither the Secret nor its copy has changed.
    ingresses.put(ingress("blog", &["tls"])).await?;
    says("default/blog, default/shop").await?;
    let mut far = ingress("far", &[]);
    far["metadata"]["annotations"] = json!({ "nginx.ingress.kubernetes.io/auth-tls-secret": "default/tls" });
    stage.above(INGRESSES, "other").put(far).await?;
    says("default/blog, default/shop, other/far").await?;
    ingresses.change("blog", json!({ "spec": ingress("blog", &["another"])["spec"] })).await?;
    says("default/shop, other/far").await?;
    ingresses.delete("shop").await?;
    let last = says("other/far").await?;
    assert_eq!(text(&last, "/metadata/uid"), text(&first, "/metadata/uid"), "it is the same copy all along");

    // What somebody else writes there is put right.
    let forged = json!({ "metadata": { "annotations": { "sluice.example.com/used-by": "nobody" } } });
    below.change(&copy, forged).await?;
    says("other/far").await?;
    assert_eq!(secrets.appears("tls").await?, before);
    Ok(())
}

#[tokio::test]
async fn cli_a_watch_has_to_be_granted() -> Result<()> {
    let stage = Stage::with_plugins(Lab::take("ungranted_watch").await?, &["ingress-secrets"], "")?;
    let said = refusal(&stage).await?;
    assert!(said.contains("ingress_secrets.wasm"), "{said}");
    assert!(said.contains("read virtual networking.k8s.io/Ingress"), "{said}");
    let grant = r#"    - {"side":"virtual","group":"networking.k8s.io","kind":"Ingress","verbs":["read"]}"#;
    assert!(said.contains("plugins:\n  ingress-secrets:\n    grants:\n") && said.contains(grant), "{said}");
    // It is what the file takes.
    let (_, yaml) = said.split_once("plugins:").unwrap_or_default();
    stage.configure(&format!("plugins:{yaml}"))?;
    stage.start().await.map(drop)
}

async fn stage(test_name: &str) -> Result<Stage> {
    Stage::with_plugins(Lab::take(test_name).await?, &["ingress-secrets"], GRANTS)
}

fn secret(name: &str) -> Value {
    json!({ "metadata": { "name": name }, "type": "Opaque", "data": { "key": "b25l" } })
}

/// An Ingress that names these Secrets of its namespace.
fn ingress(name: &str, secrets: &[&str]) -> Value {
    let tls: Vec<_> = secrets.iter().map(|secret| json!({ "secretName": secret })).collect();
    let backend = json!({ "service": { "name": "shop", "port": { "number": 80 } } });
    json!({ "metadata": { "name": name }, "spec": { "defaultBackend": backend, "tls": tls } })
}

fn copy_name(name: &str, namespace: &str) -> String {
    format!("{name}-x-{namespace}-x-my-vcluster")
}

fn used_by(copy: &Value) -> &str {
    text(copy, "/metadata/annotations/sluice.example.com~1used-by")
}

/// Waits until the runtime has seen what happened before to Secrets, to Ingresses and to copies.
async fn barrier(stage: &Stage) -> Result<()> {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let (ingresses, secrets, below) =
        (stage.above(INGRESSES, "default"), stage.above(SECRETS, "default"), stage.below(SECRETS));
    let name = format!("barrier-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let copy = copy_name(&name, "default");
    ingresses.put(ingress(&name, &[&name])).await?;
    secrets.put(secret(&name)).await?;
    let first = below.appears(&copy).await?;
    below.delete(&copy).await?;
    let anew = |copy: &Value| text(copy, "/metadata/uid") != text(&first, "/metadata/uid");
    below.until(&copy, "is made again", anew).await?;
    ingresses.delete(&name).await?;
    below.goes(&copy).await
}
