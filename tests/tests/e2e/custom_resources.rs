//! Custom resources without code: what the config of `plugins/custom-resources` says happens.

use crate::support::{
    STARTED, Stage, create_namespace, stop,
    things::{DEFINITIONS, Kind, NAMESPACES, SECRETS, Things, marker, text},
    writes,
};
use anyhow::Result;
use serde_json::{Value, json};
use sluice_tests::{Lab, eventually};

const GATES: Kind = Kind("gates.example.com/v1", "Gate", "gates");

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

fn gate(name: &str, spec: Value) -> Value {
    json!({ "metadata": { "name": name, "labels": { "team": "a" } }, "spec": spec })
}

/// Once the runtime has looked at what is there, it is served.
async fn put(things: &Things, object: Value) -> Result<Value> {
    eventually("the kind is served", async || things.put(object.clone()).await.map(Some)).await
}

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
    - { side: virtual, group: down.example.com, kind: Shop, verbs: [status] }
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
    put(&shops, gate("one", spec)).await?;
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
async fn api_a_listed_kind_is_copied_up_by_a_table_of_names() -> Result<()> {
    const PLANS: Kind = Kind("up.example.com/v1", "Plan", "plans");
    let target = |name: &str| {
        format!(
            "
plugins:
  custom-resources:
    config:
      resources:
      - apiVersion: up.example.com/v1
        kind: Plan
        crd: plans.up.example.com
        direction: up
        status: true
        names: {{ map: {{ '/one': 'default/first', '{name}/*': 'default/*' }} }}
        patches:
        - path: /spec/owner
          expression: object.metadata.namespace
    grants:
    - {{ side: virtual, group: apiextensions.k8s.io, kind: CustomResourceDefinition, verbs: [create, update] }}
    - {{ side: physical, group: apiextensions.k8s.io, kind: CustomResourceDefinition, verbs: [create, update] }}
    - {{ side: physical, group: up.example.com, kind: Plan, verbs: [read], namespaces: [{name}] }}
"
        )
    };
    let stage = stage("cr_up", PLANS, "Namespaced", false, "").await?;
    let elsewhere = format!("{}-elsewhere", stage.lab.target_namespace);
    create_namespace(&stage.lab.physical_client, &elsewhere).await?;
    stage.configure(&target(&elsewhere))?;
    let (below, far) = (stage.below(PLANS), stage.below_in(PLANS, &elsewhere));
    below.put(gate("one", json!({ "size": 1 }))).await?;
    below.put(gate("unnamed", json!({}))).await?;
    far.put(gate("two", json!({ "size": 2 }))).await?;
    let _sluice = stage.start().await?;

    let above = stage.above(PLANS, "default");
    let first = above.appears("first").await?;
    assert_eq!(first["spec"], json!({ "size": 1, "owner": stage.lab.target_namespace }));
    assert_eq!((marker(&first, "object-imported"), marker(&first, "object-host-name")), ("true", "one"));
    let two = above.appears("two").await?;
    assert_eq!(two["spec"], json!({ "size": 2, "owner": elsewhere }));
    below.change_status("one", json!({ "status": { "phase": "Ready" } })).await?;
    above.until("first", "has its status", |plan| plan["status"] == json!({ "phase": "Ready" })).await?;
    far.change("two", json!({ "spec": { "size": 3 } })).await?;
    above.until("two", "follows", |plan| plan["spec"]["size"] == 3).await?;
    // What a tenant changes is put right, what a tenant deletes comes back.
    above.change("two", json!({ "spec": { "size": 4 } })).await?;
    above.until("two", "is put right", |plan| plan["spec"]["size"] == 3).await?;
    above.delete("first").await?;
    above.appears("first").await?;
    far.delete("two").await?;
    above.goes("two").await?;
    assert_eq!(above.names().await?, ["first"]);
    stage.below_in(NAMESPACES, "").delete(&elsewhere).await
}

#[tokio::test]
async fn api_one_kind_goes_both_ways_at_once_and_is_cleaned_up_when_it_is_taken_off_the_list() -> Result<()> {
    let resource = |direction: &str, more: &str| {
        format!("      - {{ apiVersion: gates.example.com/v1, kind: Gate, direction: {direction}{more} }}\n")
    };
    let config = |resources: &[String]| {
        let resources = if resources.is_empty() { "        []\n".to_owned() } else { resources.concat() };
        let grant = "{ side: virtual, group: gates.example.com, kind: Gate, verbs: [update] }";
        format!("plugins:\n  custom-resources:\n    config:\n      resources:\n{resources}    grants:\n    - {grant}\n")
    };
    let (down, up) =
        (resource("down", ", finalizers: true"), resource("up", ", names: { map: { '/shared': 'default/shared' } }"));
    let both = config(&[down.clone(), up.clone()]);
    let stage = stage("cr_both", GATES, "Namespaced", true, &both).await?;
    let (above, below) = (stage.above(GATES, "default"), stage.below(GATES));
    below.put(gate("shared", json!({ "by": "operator" }))).await?;
    above.put(gate("own", json!({ "by": "tenant" }))).await?;
    let sluice = stage.start().await?;
    let shared = above.appears("shared").await?;
    assert_eq!(shared["spec"], json!({ "by": "operator" }));
    let copy = below.appears("own-x-default-x-my-vcluster").await?;
    assert_eq!(copy["spec"], json!({ "by": "tenant" }));
    // Neither goes back where it came from.
    above.change("own", json!({ "spec": { "seen": "1" } })).await?;
    below.until("own-x-default-x-my-vcluster", "follows", |gate| gate["spec"]["seen"] == "1").await?;
    let mut names = below.names().await?;
    names.sort();
    assert_eq!(names, ["own-x-default-x-my-vcluster", "shared"]);
    assert_eq!(above.names().await?.len(), 2);
    // A finalizer below holds the object above, for as long as they are a pair.
    below.change("own-x-default-x-my-vcluster", json!({ "metadata": { "finalizers": ["example.com/disk"] } })).await?;
    above.until("own", "is held", |gate| gate["metadata"]["finalizers"] == json!(["example.com/disk"])).await?;
    below.change("own-x-default-x-my-vcluster", json!({ "metadata": { "finalizers": null } })).await?;
    above.until("own", "is let go", |gate| gate["metadata"].get("finalizers").is_none()).await?;
    stop(sluice).await?;

    // Taken off the list one by one: what was copied is removed, what was copied from stays.
    for (left, kept_above, kept_below) in
        [(vec![up], &["own", "shared"][..], &["shared"][..]), (vec![], &["own"], &["shared"])]
    {
        stage.configure(&config(&left))?;
        let mut sluice = stage.start().await?;
        for (things, kept) in [(&above, kept_above), (&below, kept_below)] {
            eventually("only what is nobody's copy is left", async || {
                let mut names = things.names().await?;
                names.sort();
                anyhow::Ok(names == kept)
            })
            .await?;
        }
        sluice.wait_for_line(STARTED).await?;
        stop(sluice).await?;
    }
    // Once it is clean, there is nothing more to do.
    let (mark_above, mark_below) = (stage.lab.virtual_plane.audit_mark(), stage.lab.physical_plane.audit_mark());
    let sluice = stage.start().await?;
    stop(sluice).await?;
    assert_eq!(writes(&stage.asked_above(mark_above)?), []);
    assert_eq!(writes(&stage.asked_below(mark_below)?), []);
    Ok(())
}

#[tokio::test]
async fn api_cluster_scoped_kinds_go_both_ways_too() -> Result<()> {
    const ZONES: Kind = Kind("zones.example.com/v1", "Zone", "zones");
    let config = "
plugins:
  custom-resources:
    config:
      resources:
      - { apiVersion: zones.example.com/v1, kind: Zone, direction: down, select: { labels: '!public' } }
      - { apiVersion: zones.example.com/v1, kind: Zone, direction: up, select: { labels: public }, names: same }
";
    let stage = stage("cr_zones", ZONES, "Cluster", true, config).await?;
    let _sluice = stage.start().await?;
    let (above, below) = (stage.above(ZONES, ""), stage.below_in(ZONES, ""));
    let target = &stage.lab.target_namespace;
    above.put(json!({ "metadata": { "name": "mine" }, "spec": { "a": 1 } })).await?;
    let copy = below.appears(&format!("vcluster-mine-x-{target}-x-my-vcluster")).await?;
    assert_eq!(copy["metadata"]["labels"]["vcluster.loft.sh/managed-by"], format!("{target}-x-my-vcluster"));
    below.put(json!({ "metadata": { "name": "theirs", "labels": { "public": "yes" } }, "spec": { "b": 2 } })).await?;
    let theirs = above.appears("theirs").await?;
    assert_eq!(theirs["spec"], json!({ "b": 2 }));
    // What came up is not sent down, though its label would not keep it.
    above.change("mine", json!({ "spec": { "a": 2 } })).await?;
    below.until(&format!("vcluster-mine-x-{target}-x-my-vcluster"), "follows", |zone| zone["spec"]["a"] == 2).await?;
    assert_eq!(below.names().await?.len(), 2);
    above.delete("mine").await?;
    below.goes(&format!("vcluster-mine-x-{target}-x-my-vcluster")).await?;
    below.delete("theirs").await?;
    above.goes("theirs").await
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
    above.put(gate("desk", json!({ "watts": 40 }))).await?;
    let copy = below.appears("desk-x-default-x-my-vcluster").await?;
    assert_eq!(copy["spec"]["watts"], 41);
    let object = above.change("desk", json!({ "spec": { "watts": "many" } })).await?;
    stage.told_that(&object, "the expression for /spec/watts: ").await?;
    above.change("desk", json!({ "spec": { "watts": 60 } })).await?;
    below.until("desk-x-default-x-my-vcluster", "follows", |lamp| lamp["spec"]["watts"] == 61).await?;
    Ok(())
}
