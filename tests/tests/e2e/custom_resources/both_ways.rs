//! Kinds that go both ways at once, and kinds that are taken off the list.

use super::{labelled, stage};
use crate::support::{STARTED, stop, things::Kind, writes};
use anyhow::Result;
use serde_json::json;
use sluice_tests::eventually;

const GATES: Kind = Kind("gates.example.com/v1", "Gate", "gates");

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
    below.put(labelled("shared", json!({ "by": "operator" }))).await?;
    above.put(labelled("own", json!({ "by": "tenant" }))).await?;
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
