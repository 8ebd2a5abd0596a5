//! Kinds that are copied down, with patches, and what they name.

use super::{labelled, put, stage};
use crate::support::things::{Kind, SECRETS, marker};
use anyhow::Result;
use serde_json::json;

#[tokio::test]
async fn api_a_listed_kind_is_copied_down_with_patches_and_what_it_names() -> Result<()> {
    const SHOPS: Kind = Kind("down.example.com/v1", "Shop", "shops");
    let config = "
plugins:
  custom-resources:
    config:
      resources:
      - apiVersion: down.example.com/v1
        kind: Shop
        crd: shops.down.example.com
        direction: down
        status: true
        select: { labels: team=a }
        patches:
        - path: /spec/host
          expression: value + '.' + object.metadata.namespace
        - path: /spec/replicas
          expression: 'value == null ? 1 : value + 1'
        - path: /spec/secrets/*/name
          reference: Secret
        - path: /spec/selector
          selector: labelSelector
        statusPatches:
        - path: /status/seen
          expression: key.namespace + '/' + key.name
    grants:
    - { side: virtual, group: down.example.com, kind: Shop, verbs: [status, read] }
    - { side: virtual, group: apiextensions.k8s.io, kind: CustomResourceDefinition, verbs: [create, update] }
    - { side: physical, group: apiextensions.k8s.io, kind: CustomResourceDefinition, verbs: [create, update] }
";
    let stage = stage("cr_down", SHOPS, "Namespaced", false, config).await?;
    let sluice = stage.start().await?;
    let secret = |name: &str| json!({ "metadata": { "name": name }, "stringData": { "password": "swordfish" } });
    stage.above(SECRETS, "default").put(secret("named")).await?;
    stage.above(SECRETS, "default").put(secret("unnamed")).await?;
    let shops = stage.above(SHOPS, "default");
    let selector = json!({ "matchLabels": { "app": "x", "release": "y" } });
    let spec =
        json!({ "host": "shop", "secrets": [{ "name": "named" }], "selector": selector, "kept": [1, { "a": null }] });
    put(&shops, labelled("one", spec)).await?;
    let other = json!({ "metadata": { "name": "other", "labels": { "team": "b" } }, "spec": {} });
    shops.put(other).await?;

    let below = stage.below(SHOPS);
    let copy = below.appears("one-x-default-x-my-vcluster").await?;
    assert_eq!(marker(&copy, "object-syncer"), "custom-resources/shop.down.example.com-down");
    assert_eq!((&copy["spec"]["host"], &copy["spec"]["replicas"]), (&json!("shop.default"), &json!(1)));
    assert_eq!(copy["spec"]["secrets"], json!([{ "name": "named-x-default-x-my-vcluster" }]));
    let labels = copy["spec"]["selector"]["matchLabels"].as_object().cloned().unwrap_or_default();
    assert!(labels.contains_key("app") && !labels.contains_key("release"), "{labels:?}");
    let secrets = stage.below(SECRETS);
    let named = secrets.appears("named-x-default-x-my-vcluster").await?;
    assert_eq!(named["data"], json!({ "password": "c3dvcmRmaXNo" }));

    // The status comes up, with its patch, and does not go down.
    below.change_status("one-x-default-x-my-vcluster", json!({ "status": { "ready": true } })).await?;
    let status = json!({ "ready": true, "seen": "default/one" });
    shops.until("one", "has its status", |shop| shop["status"] == status).await?;

    // What is no longer named goes, what is named now comes.
    shops.change("one", json!({ "spec": { "secrets": [{ "name": "unnamed" }], "host": "store" } })).await?;
    secrets.goes("named-x-default-x-my-vcluster").await?;
    secrets.appears("unnamed-x-default-x-my-vcluster").await?;
    below.until("one-x-default-x-my-vcluster", "follows", |copy| copy["spec"]["host"] == "store.default").await?;
    assert_eq!(below.names().await?, ["one-x-default-x-my-vcluster"]);

    shops.delete("one").await?;
    below.goes("one-x-default-x-my-vcluster").await?;
    secrets.goes("unnamed-x-default-x-my-vcluster").await?;
    assert!(!sluice.logs().contains("swordfish") && !sluice.logs().contains("c3dvcmRmaXNo"));
    Ok(())
}

#[tokio::test]
async fn api_an_expression_that_fails_leaves_the_copy_as_it_was_and_says_why() -> Result<()> {
    const LAMPS: Kind = Kind("lamps.example.com/v1", "Lamp", "lamps");
    let config = "
plugins:
  custom-resources:
    config:
      resources:
      - apiVersion: lamps.example.com/v1
        kind: Lamp
        direction: down
        patches: [{ path: /spec/watts, expression: value + 1 }]
";
    let stage = stage("cr_fails", LAMPS, "Namespaced", true, config).await?;
    let _sluice = stage.start().await?;
    let (above, below) = (stage.above(LAMPS, "default"), stage.below(LAMPS));
    above.put(labelled("desk", json!({ "watts": 40 }))).await?;
    let copy = below.appears("desk-x-default-x-my-vcluster").await?;
    assert_eq!(copy["spec"]["watts"], 41);
    let object = above.change("desk", json!({ "spec": { "watts": "many" } })).await?;
    stage.told_that(&object, "the expression for /spec/watts: ").await?;
    above.change("desk", json!({ "spec": { "watts": 60 } })).await?;
    below.until("desk-x-default-x-my-vcluster", "follows", |lamp| lamp["spec"]["watts"] == 61).await?;
    Ok(())
}
