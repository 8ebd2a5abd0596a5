//! The plugin that brings Secrets up.

mod secrecy;
mod taken;

use crate::support::{
    Stage,
    things::{NAMESPACES, SECRETS, Things, text},
    writes,
};
use anyhow::Result;
use serde_json::{Value, json};
use sluice_tests::Lab;
use std::sync::atomic::{AtomicU32, Ordering};

const GRANTS: &str = "
plugins:
  import-secrets:
    grants:
    - { side: virtual, kind: Namespace, verbs: [create, update] }
";

#[tokio::test]
async fn api_an_annotated_secret_comes_up_and_stays_in_step() -> Result<()> {
    let stage = stage("imported").await?;
    let _sluice = stage.start().await?;
    let (above, below) = (stage.above(SECRETS, "test"), stage.below(SECRETS));

    below.put(secret("test", Some("test/test"), "kubernetes.io/basic-auth")).await?;
    let copy = above.appears("test").await?;
    assert_eq!((&copy["data"], &copy["type"]), (&json!({ "password": "b25l" }), &"kubernetes.io/basic-auth".into()));
    stage.above(NAMESPACES, "").appears("test").await?;
    // A namespace that is there will do; a Secret that is not annotated stays where it is.
    below.put(secret("second", Some("test/second"), "Opaque")).await?;
    below.put(secret("private", None, "Opaque")).await?;
    above.appears("second").await?;
    barrier(&stage).await?;
    assert_eq!(above.names().await?, ["second", "test"]);

    below.change("test", json!({ "data": { "password": "dHdv", "username": "bWU=" } })).await?;
    let data = json!({ "password": "dHdv", "username": "bWU=" });
    above.until("test", "has the new data", |copy| copy["data"] == data).await?;
    below.change("test", json!({ "metadata": { "labels": { "team": "a" } }, "data": { "username": null } })).await?;
    let labelled =
        |copy: &Value| copy["data"] == json!({ "password": "dHdv" }) && copy["metadata"]["labels"]["team"] == "a";
    above.until("test", "has the label", labelled).await?;

    // What the user of the virtual cluster makes of it does not last.
    above.change("test", json!({ "data": { "password": "bWluZQ==", "more": "bWluZQ==" } })).await?;
    above.until("test", "is put right", labelled).await?;
    let before = above.appears("test").await?;
    above.delete("test").await?;
    let anew = |copy: &Value| labelled(copy) && copy["metadata"]["uid"] != before["metadata"]["uid"];
    above.until("test", "is made again", anew).await?;

    // Made anew with another type below, so above.
    below.delete("test").await?;
    above.goes("test").await?;
    below.put(secret("test", Some("test/test"), "example.com/other")).await?;
    above.until("test", "has the other type", |copy| copy["type"] == "example.com/other").await?;
    Ok(())
}

#[tokio::test]
async fn api_an_imported_secret_goes_where_its_annotation_says() -> Result<()> {
    let stage = stage("moved").await?;
    let mut sluice = stage.start().await?;
    let (here, there, below) = (stage.above(SECRETS, "here"), stage.above(SECRETS, "there"), stage.below(SECRETS));
    let to = |place: Value| json!({ "metadata": { "annotations": { "vcluster.loft.sh/import": place } } });

    for (name, place) in [("moved", "here/a"), ("taken-back", "here/b"), ("deleted", "here/c")] {
        below.put(secret(name, Some(place), "Opaque")).await?;
    }
    for name in ["a", "b", "c"] {
        here.appears(name).await?;
    }
    below.change("moved", to("there/a".into())).await?;
    there.appears("a").await?;
    here.goes("a").await?;
    below.change("taken-back", to(Value::Null)).await?;
    here.goes("b").await?;
    below.delete("deleted").await?;
    here.goes("c").await?;
    // What leads nowhere is not brought up.
    below.change("moved", to("nowhere".into())).await?;
    there.goes("a").await?;

    // All the same while nobody looked.
    for (name, place) in [("moved", "here/a"), ("taken-back", "here/b")] {
        below.change(name, to(place.into())).await?;
    }
    below.put(secret("deleted", Some("here/c"), "Opaque")).await?;
    for name in ["a", "b", "c"] {
        here.appears(name).await?;
    }
    sluice.terminate().await?;
    below.change("moved", to("there/a".into())).await?;
    below.change("taken-back", to(Value::Null)).await?;
    below.delete("deleted").await?;
    let _sluice = stage.start().await?;
    there.appears("a").await?;
    for name in ["a", "b", "c"] {
        here.goes(name).await?;
    }
    assert_eq!(there.names().await?, ["a"]);
    Ok(())
}

#[tokio::test]
async fn api_imported_secrets_at_rest_cost_no_write() -> Result<()> {
    let stage = stage("at_rest").await?;
    let mut sluice = stage.start().await?;
    let (above, below) = (stage.above(SECRETS, "test"), stage.below(SECRETS));
    for name in ["a", "b"] {
        below.put(secret(name, Some(&format!("test/{name}")), "Opaque")).await?;
        above.appears(name).await?;
    }
    barrier(&stage).await?;

    let (mark, mark_below) = (stage.lab.virtual_plane.audit_mark(), stage.lab.physical_plane.audit_mark());
    sluice.terminate().await?;
    let _sluice = stage.start().await?;
    // A change that leads to nothing above.
    below.change("a", json!({ "metadata": { "finalizers": ["example.com/theirs"] } })).await?;
    barrier(&stage).await?;
    below.change("a", json!({ "metadata": { "finalizers": null } })).await?;
    let mut asked = stage.asked_above(mark)?;
    asked.retain(|event| event.resource == "secrets");
    assert_eq!(writes(&asked), []);
    let mut asked = stage.asked_below(mark_below)?;
    asked.retain(|event| event.resource == "secrets");
    assert_eq!(writes(&asked), []);
    Ok(())
}

async fn stage(test_name: &str) -> Result<Stage> {
    Stage::with_plugins(Lab::take(test_name).await?, &["import-secrets"], GRANTS)
}

/// A physical Secret that goes to this place, if to any.
fn secret(name: &str, place: Option<&str>, type_: &str) -> Value {
    let annotations = json!({ "vcluster.loft.sh/import": place });
    let annotations = if place.is_some() { annotations } else { Value::Null };
    json!({ "metadata": { "name": name, "annotations": annotations }, "type": type_, "data": { "password": "b25l" } })
}

/// Waits until what happened before, on either side, has been seen by the runtime.
async fn barrier(stage: &Stage) -> Result<()> {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let (above, below): (Things, Things) = (stage.above(SECRETS, "default"), stage.below(SECRETS));
    let name = format!("barrier-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    below.put(secret(&name, Some(&format!("default/{name}")), "Opaque")).await?;
    let first = above.appears(&name).await?;
    above.delete(&name).await?;
    let anew = |copy: &Value| text(copy, "/metadata/uid") != text(&first, "/metadata/uid");
    above.until(&name, "is made again", anew).await.map(drop)
}
