//! Every virtual namespace maps into the one target namespace, whatever things are called.

use crate::support::{Stage, create_namespace};
use anyhow::{Context, Result};
use kube::ResourceExt;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

#[tokio::test]
async fn api_long_names_are_hashed_as_vcluster_does() -> Result<()> {
    let mut stage = Stage::take("vectors").await?;
    let dotted = format!("{}.{}", "a".repeat(51), "b".repeat(5));
    for (vcluster, name, copy) in [
        (
            "my-vcluster",
            "a-very-long-deployment-name-that-goes-on-and-on",
            "a-very-long-deployment-name-that-goes-on-and-on-x-de-41c2d459ef",
        ),
        ("vc", &dotted, &format!("{}-545ee7ff6a", "a".repeat(51))),
    ] {
        stage.lab.name = vcluster.into();
        let _sluice = stage.start().await?;
        let object = stage.create(json!({ "metadata": { "name": name }, "data": { "colour": "blue" } })).await?;
        stage.stands(&named(stage.expected(&object), copy)).await?;
        stage.delete(&object).await?;
        stage.gone(copy).await?;
    }
    Ok(())
}

#[tokio::test]
async fn api_the_longest_cluster_name_works() -> Result<()> {
    let mut stage = Stage::take("longest").await?;
    stage.lab.name = "v".repeat(63);
    let _sluice = stage.start().await?;
    for name in ["a", "b.c"] {
        let object = stage.create(json!({ "metadata": { "name": name }, "data": { "me": name } })).await?;
        let copy = safe_name(&[name, "x", "default", "x", &stage.lab.name]);
        stage.stands(&named(stage.expected(&object), &copy)).await?;
        stage.delete(&object).await?;
        stage.gone(&copy).await?;
    }
    Ok(())
}

#[tokio::test]
async fn api_hostile_names_get_copies_of_their_own() -> Result<()> {
    let stage = Stage::take("hostile_names").await?;
    let _sluice = stage.start().await?;
    let long_namespace = format!("n{}", "-x".repeat(31));
    let namespaces = ["default", "x", "1", "default-x-my-vcluster", &long_namespace];
    for namespace in &namespaces[1..] {
        create_namespace(&stage.lab.virtual_client, namespace).await?;
    }
    let long = "l".repeat(252);
    let (one, other) = (format!("{long}1"), format!("{long}2"));
    // Each is cut after a dot, in the name or in one of its parts.
    let dotted = format!("{}.{}", "d".repeat(51), ".9".repeat(100).trim_start_matches('.'));
    let names = ["x", "a", "1", "a.b.c", "a-x-default", "0.x-x.0", &one, &other, &dotted];

    let mut objects = BTreeMap::new();
    for namespace in namespaces {
        for name in names {
            let object = json!({ "metadata": { "name": name, "namespace": namespace }, "data": { "me": name } });
            let object = stage.create(object).await?;
            let copy = safe_name(&[name, "x", namespace, "x", "my-vcluster"]);
            assert!(copy.len() <= 63, "{copy}");
            assert!(objects.insert(copy, object).is_none(), "{namespace}/{name}");
        }
    }
    for (copy, object) in &objects {
        stage.stands(&named(stage.expected(object), copy)).await?;
    }
    for (copy, object) in &objects {
        stage.delete(object).await?;
        stage.gone(copy).await?;
    }
    Ok(())
}

#[tokio::test]
async fn api_all_virtual_namespaces_map_into_the_target_namespace() -> Result<()> {
    let stage = Stage::take("namespaces").await?;
    let _sluice = stage.start().await?;
    let mut pairs = Vec::new();
    for namespace in ["default", "kube-system", "kube-public", "shop", "vcluster-my"] {
        if ["shop", "vcluster-my"].contains(&namespace) {
            create_namespace(&stage.lab.virtual_client, namespace).await?;
        }
        let metadata = json!({ "name": "settings", "namespace": namespace });
        pairs.push(stage.pair(json!({ "metadata": metadata, "data": { "of": namespace } })).await?);
    }
    let (object, gone) = pairs.pop().context("no pairs")?;
    stage.delete(&object).await?;
    stage.gone(&gone.name_any()).await?;
    for (_, copy) in &pairs {
        stage.untouched(copy).await?;
    }
    Ok(())
}

#[tokio::test]
async fn api_two_virtual_clusters_share_a_target_namespace() -> Result<()> {
    let mut stage = Stage::take("share").await?;
    let object = stage.create(json!({ "metadata": { "name": "a" }, "data": { "colour": "blue" } })).await?;
    let mut running = Vec::new();
    let mut expected = Vec::new();
    for name in ["one", "two"] {
        stage.lab.name = name.into();
        running.push(stage.start().await?);
        expected.push(stage.expected(&object));
        stage.stands(&expected[expected.len() - 1]).await?;
    }
    // Either stops and starts and finds that the other's copies are none of its own.
    for (name, mut sluice) in ["one", "two"].into_iter().zip(running) {
        stage.lab.name = name.into();
        sluice.terminate().await?;
        let _again = stage.start().await?;
        stage.barrier().await?;
        for copy in &expected {
            stage.stands(copy).await?;
        }
    }
    Ok(())
}

fn named(mut copy: Value, name: &str) -> Value {
    copy["metadata"]["name"] = json!(name);
    copy["metadata"]["annotations"]["vcluster.loft.sh/object-host-name"] = json!(name);
    copy
}

/// vCluster's SafeConcatName.
fn safe_name(parts: &[&str]) -> String {
    let full = parts.join("-");
    if full.len() <= 63 {
        return full;
    }
    let digest = Sha256::digest(&full);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}", &full[..52], &hex[..10]).replace(".-", "-")
}
