//! What is somebody else's is left alone.

use super::{barrier, secret, stage};
use crate::support::{
    Stage, create_namespace,
    things::{SECRETS, text},
};
use anyhow::Result;
use k8s_openapi::api::events::v1::Event;
use kube::{Api, api::ListParams};
use serde_json::{Value, json};
use sluice_tests::eventually;

#[tokio::test]
async fn api_a_secret_of_the_users_own_is_no_place_to_import_to() -> Result<()> {
    let stage = stage("users_own").await?;
    let _sluice = stage.start().await?;
    let (above, below) = (stage.above(SECRETS, "test"), stage.below(SECRETS));
    create_namespace(&stage.lab.virtual_client, "test").await?;
    let own = above.put(json!({ "metadata": { "name": "test" }, "data": { "own": "b3du" } })).await?;
    barrier(&stage).await?;

    below.put(secret("test", Some("test/test"), "Opaque")).await?;
    let warning = eventually("there is a Warning", async || warnings(&stage, "test").await.ok()?.pop()).await?;
    assert_eq!(warning.reason.as_deref(), Some("SyncError"));
    let note = warning.note.unwrap_or_default();
    assert!(note.contains("something is there already"), "{note}");
    assert!(!note.contains(&stage.lab.target_namespace), "it names what the user cannot see: {note}");
    // It stands on what is in the way, which names the place.
    let regarding = warning.regarding.unwrap_or_default();
    assert_eq!((regarding.namespace.as_deref(), regarding.name.as_deref()), (Some("test"), Some("test")));
    assert_eq!(regarding.uid.as_deref(), Some(text(&own, "/metadata/uid")));
    below.change("test", json!({ "data": { "password": "dHdv" } })).await?;
    barrier(&stage).await?;
    assert_eq!(above.appears("test").await?, own);

    // Nor does it go with the physical one.
    below.delete("test").await?;
    barrier(&stage).await?;
    assert_eq!(above.appears("test").await?, own);

    below.put(secret("test", Some("test/test"), "Opaque")).await?;
    barrier(&stage).await?;
    above.delete("test").await?;
    above.until("test", "is imported once there is room", |copy| copy["data"]["password"] == "b25l").await?;
    Ok(())
}

#[tokio::test]
async fn api_a_secret_that_another_controls_is_not_imported() -> Result<()> {
    let stage = stage("import_ignored").await?;
    let _sluice = stage.start().await?;
    let (above, below) = (stage.above(SECRETS, "test"), stage.below(SECRETS));
    let controlled = |kind: &str, by: Value| json!({ "metadata": { kind: { "vcluster.loft.sh/controlled-by": by } } });
    for kind in ["labels", "annotations"] {
        // Below: it is not brought up, and one that was stays as it is.
        let mut taken = secret(kind, Some(&format!("test/{kind}")), "Opaque");
        taken["metadata"][kind]["vcluster.loft.sh/controlled-by"] = "somebody".into();
        below.put(taken).await?;
        barrier(&stage).await?;
        assert_eq!(above.find(kind).await?, None);
        below.change(kind, controlled(kind, Value::Null)).await?;
        above.appears(kind).await?;
        below.change(kind, controlled(kind, "somebody".into())).await?;
        below.change(kind, json!({ "data": { "password": "dHdv" } })).await?;
        barrier(&stage).await?;
        assert_eq!(above.appears(kind).await?["data"], json!({ "password": "b25l" }));
        below.change(kind, controlled(kind, Value::Null)).await?;
        above.until(kind, "is in step again", |copy| copy["data"] == json!({ "password": "dHdv" })).await?;

        // Above: the user may take it over.
        above.change(kind, controlled(kind, "somebody".into())).await?;
        below.change(kind, json!({ "data": { "password": "b25l" } })).await?;
        barrier(&stage).await?;
        assert_eq!(above.appears(kind).await?["data"], json!({ "password": "dHdv" }));
        above.change(kind, controlled(kind, Value::Null)).await?;
        above.until(kind, "is in step again", |copy| copy["data"] == json!({ "password": "b25l" })).await?;
    }
    Ok(())
}

/// The Events in a virtual namespace.
pub(super) async fn events(stage: &Stage, namespace: &str) -> Result<Vec<Event>> {
    let events: Api<Event> = Api::namespaced(stage.lab.virtual_client.clone(), namespace);
    Ok(events.list(&ListParams::default()).await?.items)
}

/// The Warnings among them.
pub(super) async fn warnings(stage: &Stage, namespace: &str) -> Result<Vec<Event>> {
    let mut events = events(stage, namespace).await?;
    events.retain(|event| event.type_.as_deref() == Some("Warning"));
    Ok(events)
}
