//! An answer is JSON that says one thing, and of an object's identity nothing that it says counts.

use super::siege::Siege;
use crate::support::things::{Kind, SECRETS, marker};
use anyhow::{Result, ensure};
use serde_json::{Value, json};

const MAPS: Kind = Kind("v1", "ConfigMap", "configmaps");

#[tokio::test]
async fn hostile_deep_answers_overflow_no_stack() -> Result<()> {
    let siege = Siege::lay("hostile-deep").await?;
    let not_json = "its physical object is not a Kubernetes object: not JSON";
    let json = ["lists", "maps", "patch", "field"].map(|name| (name, "refused", not_json));
    siege.fails(&json).await?;
    assert_eq!(siege.secrets_written()?, []);
    let (calls, writes, failures) = siege.holds("hostile-deep").await?;
    assert_eq!((writes, failures), (json!({}), json!({ "refused": calls })));
    Ok(())
}

#[tokio::test]
async fn hostile_deep_pointers_overflow_no_stack() -> Result<()> {
    let mut siege = Siege::lay("hostile-deep").await?;
    siege.bait("pointer").await?;
    siege.sluice.wait_for_line("default/pointer").await?;
    siege.fails(&[("pointer-again", "refused", "")]).await?;
    let longest = siege.sluice.stderr.all().iter().map(String::len).max();
    ensure!(longest < Some(16 << 10), "a line of {longest:?} bytes is in the log");
    assert_eq!(siege.secrets_written()?, []);
    let (calls, writes, failures) = siege.holds("hostile-deep").await?;
    assert_eq!((writes, failures), (json!({}), json!({ "refused": calls })));
    Ok(())
}

#[tokio::test]
async fn hostile_duplicate_keys_are_one_object() -> Result<()> {
    let siege = Siege::lay("hostile-duplicate").await?;
    let below = siege.stage.below(SECRETS);
    let victim = below.put(json!({ "metadata": { "name": "victim" } })).await?;
    siege
        .fails(&[
            ("kind", "refused", "its physical object is a v1 ConfigMap; it should be a v1 Secret"),
            ("nameless", "refused", "its physical object has no metadata.name"),
        ])
        .await?;
    for (name, data) in [("metadata", "MQ=="), ("name", "Mg=="), ("label", "")] {
        siege.bait(name).await?;
        let copy = below.appears(&format!("{name}-x-default-x-my-vcluster")).await?;
        assert_eq!(copy["data"]["a"].as_str().unwrap_or_default(), data, "{copy}");
        assert_eq!((marker(&copy, "object-name"), marker(&copy, "object-namespace")), (name, "default"));
        assert_eq!(copy["metadata"]["labels"]["vcluster.loft.sh/managed-by"], "my-vcluster");
    }
    assert_eq!(below.find("victim").await?, Some(victim));
    ensure!(siege.secrets_written()?.iter().all(|(verb, name)| verb == "create" && name.ends_with("-x-my-vcluster")));
    let (calls, writes, failures) = siege.holds("hostile-duplicate").await?;
    let refused = failures["refused"].as_u64().unwrap_or_default();
    assert_eq!((writes, failures, refused + 3 <= calls), (json!({ "create": 3 }), json!({ "refused": refused }), true));
    Ok(())
}

#[tokio::test]
async fn hostile_numbers_are_numbers_or_nothing() -> Result<()> {
    let siege = Siege::lay("hostile-numbers").await?;
    siege
        .fails(&[
            ("infinite", "refused", "not JSON"),
            ("nan", "refused", "not JSON"),
            ("digits", "rejected", "cannot create"),
            ("zero", "rejected", "cannot create"),
            ("text", "rejected", "cannot create"),
            ("immutable", "rejected", "cannot create"),
        ])
        .await?;
    // A field that a Secret does not have is left out by the API server, and that is not tried again and again.
    for name in ["beside", "negative"] {
        siege.bait(name).await?;
        let copy = siege.stage.below(SECRETS).appears(&format!("{name}-x-default-x-my-vcluster")).await?;
        assert_eq!(copy["spec"], Value::Null);
    }
    let (calls, writes, failures) = siege.holds("hostile-numbers").await?;
    assert_eq!(writes["create"], json!(2), "{writes}");
    let count = |reason: &str| failures[reason].as_u64().unwrap_or_default();
    ensure!(count("refused") >= 2 && count("rejected") >= 4 && calls >= 8, "{failures}");
    Ok(())
}

#[tokio::test]
async fn hostile_owner_owns_and_holds_nothing() -> Result<()> {
    let config = "
plugins:
  hostile-owner:
    grants:
    - { side: virtual, kind: ConfigMap, verbs: [create, update], namespaces: [default], names: [owned] }
";
    let siege = Siege::lay_with("hostile-owner", config).await?;
    let (above, below) = (siege.stage.above(SECRETS, "default"), siege.stage.below(SECRETS));
    let free = |object: &Value| {
        let metadata = &object["metadata"];
        ["ownerReferences", "finalizers", "deletionTimestamp"].iter().all(|field| metadata[field].is_null())
    };
    for name in ["whole", "patch", "fields", "source", "apply"] {
        siege.bait(name).await?;
        let copy = format!("{name}-x-default-x-my-vcluster");
        below.until(&copy, "is nobody's", free).await?;
        // Now both are there.
        above.change(name, json!({ "metadata": { "labels": { "changed": "yes" } } })).await?;
    }
    siege.told_of("default/source", "refused", "to update virtual v1 Secret default/source, which").await?;
    siege.stage.above(MAPS, "default").until("owned", "is nobody's", free).await?;
    assert!(above.find("source").await?.as_ref().is_some_and(free));
    for name in ["whole", "patch", "fields", "source", "apply"] {
        let copy = format!("{name}-x-default-x-my-vcluster");
        assert!(below.find(&copy).await?.as_ref().is_some_and(free), "{name}");
        above.delete(name).await?;
        below.goes(&copy).await?;
    }
    let written = siege.written_above()?;
    ensure!(written.iter().all(|event| (&*event.resource, &*event.name) == ("configmaps", "owned")), "{written:?}");
    siege.secrets_written()?;
    Ok(())
}
