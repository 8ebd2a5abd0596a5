//! Where a plugin may write is what it was granted, and what its own copies are is the runtime's to say.

use super::siege::{ACCOUNTS, Siege};
use crate::support::{
    Stage,
    refusal::refusal,
    things::{Kind, SECRETS, marker},
};
use anyhow::{Result, ensure};
use serde_json::json;
use sluice_tests::Lab;

const MAPS: Kind = Kind("v1", "ConfigMap", "configmaps");

#[tokio::test]
async fn hostile_stray_writes_at_its_place_alone() -> Result<()> {
    let config = "
plugins:
  hostile-stray:
    grants:
    - { side: physical, kind: ConfigMap, verbs: [create, update], namespaces: [''], names: [mine] }
";
    let siege = Siege::lay_with("hostile-stray", config).await?;
    let target = siege.stage.lab.target_namespace.clone();
    let refused = [
        ("system", "physical v1 ConfigMap kube-system/mine"),
        ("elsewhere", "physical v1 ConfigMap default/mine"),
        ("above", &format!("virtual v1 ConfigMap {target}/mine")),
        ("nowhere", "physical v1 ConfigMap mine"),
        ("empty", "physical v1 ConfigMap /mine"),
        ("cluster", "physical rbac.authorization.k8s.io/v1 ClusterRole mine"),
        ("itself", "physical v1 Namespace mine"),
        ("longer", &format!("physical v1 ConfigMap {target}/mine-too")),
        ("shorter", &format!("physical v1 ConfigMap {target}/min")),
        ("case", &format!("physical v1 ConfigMap {target}/Mine")),
        ("path", &format!("physical v1 ConfigMap {target}/mine/../victim")),
        ("kind", &format!("physical v1 Secret {target}/mine")),
        ("group", &format!("physical apps/v1 ConfigMap {target}/mine")),
    ];
    for (name, what) in refused {
        siege.fails(&[(name, "refused", &format!("it asked to create {what}, which it is not granted"))]).await?;
    }
    // A version is no part of a grant, and no part of a path either.
    siege.bait("version").await?;
    siege.stage.below(SECRETS).appears("version-x-default-x-my-vcluster").await?;
    siege.bait("good").await?;
    let mine = siege.stage.below(MAPS).appears("mine").await?;
    assert_eq!((&mine["metadata"]["namespace"], &mine["data"]), (&json!(target), &json!({ "a": "b" })));
    siege.told_of("default/version", "rejected", "the physical cluster does not serve v2/").await?;

    let (system, below) = (siege.stage.below_in(MAPS, "kube-system"), siege.stage.below(MAPS));
    assert_eq!((system.find("mine").await?, system.find("victim").await?), (None, None));
    assert_eq!(siege.secrets_written_above()?, [""; 0]);
    ensure!(below.names().await?.iter().all(|name| name != "victim" && name != "mine-too" && name != "min"));
    let (_, writes, failures) = siege.holds("hostile-stray").await?;
    assert_eq!((&writes["create"], &writes["delete"]), (&json!(2), &json!(null)), "{writes}");
    ensure!(failures["refused"].as_u64() >= Some(13), "{failures}");
    Ok(())
}

#[tokio::test]
async fn hostile_squatter_gets_no_place_of_others() -> Result<()> {
    let siege = Siege::lay("hostile-squatter").await?;
    let below = siege.stage.below(SECRETS);
    let mut strangers = vec![];
    for name in ["taken-x-default-x-my-vcluster", "stranger"] {
        strangers.push((name, below.put(json!({ "metadata": { "name": name } })).await?));
    }
    let taken = siege.bait("taken").await?;
    siege.told_of("default/taken", "occupied", "something is there that this virtual cluster does not manage").await?;
    siege.warned(&taken).await?;
    siege.bait("free").await?;
    let copy = below.appears("free-x-default-x-my-vcluster").await?;
    for (name, said) in [
        ("object-name", "free"),
        ("object-namespace", "default"),
        ("object-kind", "/v1, Kind=Secret"),
        ("object-host-name", "free-x-default-x-my-vcluster"),
        ("object-syncer", "hostile-squatter/squatter"),
    ] {
        assert_eq!(marker(&copy, name), said);
    }
    assert_eq!(copy["metadata"]["labels"]["vcluster.loft.sh/namespace"], "default");
    // It asks for the same of what stands there.
    siege.stage.above(SECRETS, "default").change("free", json!({ "metadata": { "labels": { "a": "b" } } })).await?;
    for (name, before) in strangers {
        assert_eq!(below.find(name).await?, Some(before));
    }
    let names: Vec<_> = siege.secrets_written()?.into_iter().map(|(_, name)| name).collect();
    ensure!(names.iter().all(|name| name == "free-x-default-x-my-vcluster"), "{names:?}");
    let (_, _, failures) = siege.holds("hostile-squatter").await?;
    assert_eq!(failures, json!({ "occupied": failures["occupied"] }));
    Ok(())
}

#[tokio::test]
async fn hostile_poacher_does_not_start_beside_whom_it_would_rob() -> Result<()> {
    let config = "{ plugins: { hostile-poacher: { config: { labels: poach=yes } } } }";
    let lab = Lab::take("poacher_twice").await?;
    let stage = Stage::with_plugins(lab, &["configmaps", "hostile-poacher"], config)?;
    let said = refusal(&stage).await?;
    let both =
        "plugins \"configmaps/configmaps\" and \"hostile-poacher/configmaps\" may both select the same v1 ConfigMap";
    ensure!(said.contains(both), "{said}");
    Ok(())
}

#[tokio::test]
async fn hostile_poacher_gets_no_copies_of_others() -> Result<()> {
    let config = "
plugins:
  hostile-poacher:
    config: { named: true }
    grants:
    - { side: virtual, kind: ServiceAccount, verbs: [read] }
";
    let siege = Siege::lay_with("hostile-poacher", config).await?;
    let (maps, below) = (siege.stage.above(MAPS, "default"), siege.stage.below(MAPS));
    let copy = |name: &str| format!("{name}-x-default-x-my-vcluster");
    let mut copies = vec![];
    for name in ["prey", "below", "above", "source"] {
        maps.put(json!({ "metadata": { "name": name }, "data": { "a": "b" } })).await?;
        copies.push((name, below.appears(&copy(name)).await?));
    }
    let names: Vec<_> = copies.iter().map(|(name, _)| json!({ "name": name })).collect();
    let accounts = siege.stage.above(ACCOUNTS, "default");
    accounts.put(json!({ "metadata": { "name": "poacher" }, "secrets": names })).await?;
    siege.stage.barrier().await?;
    maps.change("prey", json!({ "data": { "a": "c" } })).await?;
    let prey = below.until(&copy("prey"), "follows", |map| map["data"]["a"] == "c").await?;
    assert_eq!((marker(&prey, "object-syncer"), &prey["data"]), ("configmaps/configmaps", &json!({ "a": "c" })));
    for (name, before) in &copies[1..] {
        assert_eq!(below.find(&copy(name)).await?.as_ref(), Some(before));
    }
    let (_, writes, _) = siege.holds("hostile-poacher").await?;
    assert_eq!(writes, json!({}));
    Ok(())
}

#[tokio::test]
async fn hostile_poacher_removes_nothing_of_others() -> Result<()> {
    let config = "
plugins:
  custom-resources:
    config:
      resources:
      - { apiVersion: v1, kind: ConfigMap, direction: down, select: { labels: team=a } }
  hostile-poacher:
    config: { labels: team=b }
";
    let lab = Lab::take("poacher_apart").await?;
    let stage = Stage::with_plugins(lab, &["custom-resources", "hostile-poacher"], config)?;
    let mut sluice = stage.start().await?;
    let (maps, below) = (stage.above(MAPS, "default"), stage.below(MAPS));
    let map = |name: &str, team: &str| json!({ "metadata": { "name": name, "labels": { "team": team } } });
    maps.put(map("prey", "a")).await?;
    let prey = below.appears("prey-x-default-x-my-vcluster").await?;
    for (name, what) in [
        ("below", "it asked to delete physical v1 ConfigMap "),
        ("above", "it asked to delete virtual v1 ConfigMap "),
        ("source", "it asked to delete virtual v1 ConfigMap "),
    ] {
        let object = maps.put(map(name, "b")).await?;
        below.appears(&format!("{name}-x-default-x-my-vcluster")).await?;
        maps.change(name, json!({ "data": { "changed": "yes" } })).await?;
        stage.told_that(&object, what).await?;
    }
    assert_eq!(below.find("prey-x-default-x-my-vcluster").await?, Some(prey));
    maps.change("prey", json!({ "data": { "a": "c" } })).await?;
    below.until("prey-x-default-x-my-vcluster", "follows", |map| map["data"] == json!({ "a": "c" })).await?;
    assert_eq!(sluice.ended()?, None);
    Ok(())
}
