//! The physical cluster's StorageClasses are in the virtual one, under their own names.

use crate::support::{
    Stage,
    things::{Kind, Things, marker, text},
};
use anyhow::Result;
use serde_json::{Value, json};
use sluice_tests::Lab;

const STORAGE_CLASSES: Kind = Kind("storage.k8s.io/v1", "StorageClass", "storageclasses");

/// The physical classes are everybody's: those of a test have a prefix of its own.
struct Classes {
    above: Things,
    below: Things,
    prefix: String,
    stage: Stage,
}

/// Runs a test, and takes its classes away.
async fn with_classes(test_name: &str, test: impl AsyncFnOnce(&Classes) -> Result<()>) -> Result<()> {
    let stage = Stage::with_plugins(Lab::take(test_name).await?, &["storage-classes"], "")?;
    let (above, below) = (stage.above(STORAGE_CLASSES, ""), stage.below_in(STORAGE_CLASSES, ""));
    let classes = Classes { above, below, prefix: stage.lab.target_namespace.clone(), stage };
    let sluice = classes.stage.start().await?;
    let tested = test(&classes).await;
    drop(sluice);
    for name in classes.below.names().await?.iter().filter(|name| name.starts_with(&classes.prefix)) {
        classes.below.delete(name).await?;
    }
    tested
}

impl Classes {
    fn name(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }

    /// Makes a physical class, and waits until it is above. Returns its name and both.
    async fn pair(&self, name: &str) -> Result<(String, Value, Value)> {
        let name = self.name(name);
        let below = self.below.put(class(&name, "example.com/disk")).await?;
        Ok((name.clone(), below, self.above.appears(&name).await?))
    }

    /// Waits until what happened before, on either side, has been seen.
    async fn barrier(&self, name: &str) -> Result<()> {
        let (name, _, first) = self.pair(name).await?;
        self.above.delete(&name).await?;
        let another = |now: &Value| now["metadata"]["uid"] != first["metadata"]["uid"];
        self.above.until(&name, "is made again", another).await.map(drop)
    }
}

fn class(name: &str, provisioner: &str) -> Value {
    json!({
        "metadata": { "name": name, "labels": { "tier": "fast" }, "annotations": { "note": "a" } },
        "provisioner": provisioner,
        "parameters": { "type": "ssd" },
        "reclaimPolicy": "Retain",
        "volumeBindingMode": "WaitForFirstConsumer",
    })
}

/// What a class says, without what says where it is from.
fn content(class: &Value) -> Value {
    let mut class = class.clone();
    let labels = class["metadata"]["labels"].take();
    let note = class.pointer("/metadata/annotations/note").cloned();
    class["metadata"] = json!({ "labels": labels, "note": note });
    class
}

#[tokio::test]
async fn api_a_physical_storage_class_is_in_the_virtual_cluster_and_says_where_it_is_from() -> Result<()> {
    with_classes("class_up", async |classes| {
        let (name, below, above) = classes.pair("a").await?;
        assert_eq!(content(&above), content(&below));
        let annotations = json!({
            "note": "a",
            "vcluster.loft.sh/object-imported": "true",
            "vcluster.loft.sh/object-host-name": name,
            "vcluster.loft.sh/object-uid": below["metadata"]["uid"],
            "vcluster.loft.sh/object-kind": "storage.k8s.io/v1, Kind=StorageClass",
            "vcluster.loft.sh/object-syncer": "storage-classes/storage-classes",
        });
        assert_eq!(above["metadata"]["annotations"], annotations);

        // All that an API server lets anybody change.
        let zones = json!([{ "matchLabelExpressions": [{ "key": "zone", "values": ["a"] }] }]);
        for change in [
            json!({ "metadata": { "labels": { "tier": "slow", "more": "1" }, "annotations": { "note": "b" } } }),
            json!({ "metadata": { "labels": null, "annotations": { "note": null } } }),
            json!({ "allowVolumeExpansion": true }),
            json!({ "allowVolumeExpansion": null }),
            json!({ "allowedTopologies": zones, "mountOptions": ["ro"] }),
            json!({ "allowedTopologies": null, "mountOptions": null }),
        ] {
            let below = content(&classes.below.change(&name, change).await?);
            let now = classes.above.until(&name, "follows", |above| content(above) == below).await?;
            assert_eq!(now["metadata"]["uid"], above["metadata"]["uid"], "it is changed, not replaced");
            assert_eq!(marker(&now, "object-imported"), "true");
        }
        classes.below.delete(&name).await?;
        classes.above.goes(&name).await
    })
    .await
}

#[tokio::test]
async fn api_what_a_tenant_does_to_a_storage_class_of_the_cluster_is_undone() -> Result<()> {
    with_classes("class_edit", async |classes| {
        let (name, below, _) = classes.pair("a").await?;
        for edit in [
            json!({ "allowVolumeExpansion": true }),
            json!({ "metadata": { "labels": { "tier": "mine" } } }),
            json!({ "metadata": { "annotations": { "note": "mine" } } }),
            json!({ "metadata": { "annotations": { "vcluster.loft.sh/object-syncer": null } } }),
            json!({ "metadata": { "annotations": { "vcluster.loft.sh/object-uid": "forged" } } }),
        ] {
            classes.above.change(&name, edit).await?;
            let whole = |above: &Value| content(above) == content(&below) && !marker(above, "object-syncer").is_empty();
            let ours = |above: &Value| marker(above, "object-uid") == text(&below, "/metadata/uid");
            classes.above.until(&name, "is put right", |above| whole(above) && ours(above)).await?;
        }
        classes.above.delete(&name).await?;
        let again = classes.above.appears(&name).await?;
        assert_eq!(content(&again), content(&below));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn api_a_storage_class_of_the_tenants_own_is_left_alone_until_it_goes() -> Result<()> {
    with_classes("class_own", async |classes| {
        let name = classes.name("a");
        let own = classes.above.put(class(&name, "example.com/mine")).await?;
        classes.below.put(class(&name, "example.com/disk")).await?;
        classes.stage.told_that(&own, "something is there").await?;
        classes.below.change(&name, json!({ "allowVolumeExpansion": true })).await?;
        classes.barrier("b").await?;
        assert_eq!(classes.above.find(&name).await?, Some(own.clone()));
        classes.below.delete(&name).await?;
        classes.barrier("c").await?;
        assert_eq!(classes.above.find(&name).await?, Some(own));

        classes.below.put(class(&name, "example.com/disk")).await?;
        classes.above.delete(&name).await?;
        let above = classes.above.appears(&name).await?;
        assert_eq!(text(&above, "/provisioner"), "example.com/disk");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn api_a_storage_class_that_was_made_anew_replaces_the_one_above() -> Result<()> {
    with_classes("class_anew", async |classes| {
        let (name, ..) = classes.pair("a").await?;
        classes.below.delete(&name).await?;
        let anew = classes.below.put(class(&name, "example.com/other")).await?;
        let other = |above: &Value| text(above, "/provisioner") == "example.com/other";
        let above = classes.above.until(&name, "is the other one", other).await?;
        assert_eq!(marker(&above, "object-uid"), text(&anew, "/metadata/uid"));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn api_an_ignored_storage_class_is_left_alone_on_both_sides() -> Result<()> {
    with_classes("class_ignored", async |classes| {
        let ignore = json!({ "metadata": { "labels": { "vcluster.loft.sh/controlled-by": "me" } } });
        let ignored = classes.name("never");
        let mut object = class(&ignored, "example.com/disk");
        object["metadata"]["labels"] = ignore["metadata"]["labels"].clone();
        classes.below.put(object).await?;
        let (below, _, first) = classes.pair("below").await?;
        let (above, ..) = classes.pair("above").await?;

        classes.below.change(&below, ignore.clone()).await?;
        classes.below.change(&below, json!({ "allowVolumeExpansion": true })).await?;
        let second = classes.above.change(&above, ignore).await?;
        classes.below.delete(&above).await?;
        classes.barrier("barrier").await?;
        assert_eq!(classes.above.find(&ignored).await?, None);
        assert_eq!(classes.above.find(&below).await?, Some(first));
        assert_eq!(classes.above.find(&above).await?, Some(second));

        // What is no longer ignored is put right.
        let mind = json!({ "metadata": { "labels": { "vcluster.loft.sh/controlled-by": null } } });
        classes.below.change(&below, mind.clone()).await?;
        classes.above.until(&below, "follows", |above| above["allowVolumeExpansion"] == true).await?;
        classes.below.change(&ignored, mind.clone()).await?;
        classes.above.appears(&ignored).await?;
        classes.above.change(&above, mind).await?;
        classes.above.goes(&above).await
    })
    .await
}
