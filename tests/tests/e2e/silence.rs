//! Nothing changed: no write, and no call. By the audit logs of both API servers.

use crate::support::{Stage, calls, create_namespace, stop, writes};
use anyhow::Result;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;
use serde_json::{Value, json};
use sluice_tests::{AuditEvent, Lab, Sluice};

#[tokio::test]
async fn api_each_step_costs_one_request() -> Result<()> {
    let stage = Stage::take("one_request").await?;
    let sluice = stage.start().await?;
    let (physical, virtual_) = (&stage.lab.physical_plane, &stage.lab.virtual_plane);
    let (mark, above) = (physical.audit_mark(), virtual_.audit_mark());

    let (object, copy) = stage.pair(maps().remove(0)).await?;
    stage.barrier().await?;
    assert_eq!(about(&stage.asked_below(mark)?, &copy), ["create"]);
    assert_eq!(calls(&sluice, "default/plain"), ["sync-down"]);

    let mark = physical.audit_mark();
    let object = stage.change(&object, json!({ "data": { "colour": "red" } })).await?;
    stage.copied(&object).await?;
    stage.barrier().await?;
    assert_eq!(about(&stage.asked_below(mark)?, &copy), ["patch"]);
    assert_eq!(calls(&sluice, "default/plain"), ["sync-down", "sync"]);

    let mark = physical.audit_mark();
    stage.drift(&copy.name_any(), json!({ "data": { "colour": "green" } })).await?;
    stage.copied(&object).await?;
    stage.barrier().await?;
    assert_eq!(about(&stage.asked_below(mark)?, &copy), ["patch"]);
    assert_eq!(calls(&sluice, "default/plain"), ["sync-down", "sync", "sync"]);

    let mark = physical.audit_mark();
    stage.delete(&object).await?;
    stage.gone(&copy.name_any()).await?;
    stage.barrier().await?;
    assert_eq!(about(&stage.asked_below(mark)?, &copy), ["delete"]);
    assert_eq!(calls(&sluice, "default/plain"), ["sync-down", "sync", "sync", "sync-up"]);

    // Above, it only ever watched.
    let asked = stage.asked_above(above)?;
    assert!(asked.iter().all(|event| event.name.is_empty() && !event.is_write()), "{asked:?}");
    Ok(())
}

#[tokio::test]
async fn api_a_change_that_does_not_concern_the_copy_costs_nothing() -> Result<()> {
    let stage = Stage::take("no_concern").await?;
    let _sluice = stage.start().await?;
    let (object, copy) = stage.pair(maps().remove(0)).await?;
    stage.barrier().await?;
    let mark = stage.lab.physical_plane.audit_mark();
    for patch in [
        json!({ "metadata": { "finalizers": ["example.com/hold"] } }),
        json!({ "metadata": { "finalizers": null } }),
        json!({ "data": { "colour": "blue" } }),
        json!({ "metadata": { "annotations": { "vcluster.loft.sh/object-uid": "forged" } } }),
    ] {
        stage.change(&object, patch).await?;
        stage.barrier().await?;
    }
    let theirs = json!({ "metadata": { "annotations": { "theirs": "1" }, "finalizers": ["example.com/theirs"] } });
    stage.drift(&copy.name_any(), theirs).await?;
    stage.barrier().await?;
    assert!(about(&stage.asked_below(mark)?, &copy).is_empty());
    Ok(())
}

#[tokio::test]
async fn api_a_restart_writes_nothing() -> Result<()> {
    let stage = Stage::take("restart_silent").await?;
    let mut sluice = stage.start().await?;
    let pairs = settle(&stage).await?;
    for kill in [false, true] {
        let mark = stage.lab.physical_plane.audit_mark();
        let above = stage.lab.virtual_plane.audit_mark();
        if kill {
            stage.kill(&mut sluice).await?;
        } else {
            stop(sluice).await?;
        }
        sluice = stage.start().await?;
        stage.barrier().await?;
        assert_eq!(writes(&stage.asked_below(mark)?), []);
        assert_eq!(writes(&stage.asked_above(above)?), []);
        // What it has not seen settle, it asks about once.
        for (key, _) in &pairs {
            assert_eq!(calls(&sluice, key), ["sync"], "{key}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn api_a_relist_writes_nothing_but_what_changed_meanwhile() -> Result<()> {
    let mut stage = Stage::of(Lab::alone("relist").await?)?;
    let mut sluice = stage.start().await?;
    let mut pairs = settle(&stage).await?;
    let [(_, changed), (_, deleted), (_, copy_deleted)] = [(); 3].map(|()| pairs.remove(0));
    let called = |sluice: &Sluice| pairs.iter().map(|(key, _)| calls(sluice, key)).collect::<Vec<_>>();
    let before = called(&sluice);
    let (below, above) = (stage.lab.physical_plane.audit_mark(), stage.lab.virtual_plane.audit_mark());

    // The runtime sleeps through what happens, and cannot go on from where it was.
    create_namespace(&stage.lab.virtual_client, "meanwhile").await?;
    sluice.signal("STOP")?;
    stage.lab.virtual_plane.restart_apiserver().await?;
    stage.lab.virtual_client = stage.lab.virtual_plane.client().await?;
    stage.delete(&deleted).await?;
    sluice.signal("CONT")?;
    stage.gone(&stage.copy_name(&deleted)).await?;
    stage.barrier().await?;

    // Below, a change cannot be written at first.
    create_namespace(&stage.lab.physical_client, "meanwhile").await?;
    stage.lab.physical_plane.kill_apiserver().await;
    let changed = stage.change(&changed, json!({ "data": { "colour": "red" } })).await?;
    sluice.wait_for_line(r#""reason":"unavailable""#).await?;
    sluice.signal("STOP")?;
    stage.lab.physical_plane.restart_apiserver().await?;
    stage.lab.physical_client = stage.lab.physical_plane.client().await?;
    stage.delete_below(&stage.copy_name(&copy_deleted)).await?;
    sluice.signal("CONT")?;
    stage.stands(&with_theirs(stage.expected(&changed))).await?;
    stage.copied(&copy_deleted).await?;
    stage.barrier().await?;

    let (mut below, mut above) = (stage.asked_below(below)?, stage.asked_above(above)?);
    for asked in [&mut below, &mut above] {
        asked.retain(|event| event.resource == "configmaps" && event.code < 300);
        assert!(asked.iter().any(|event| event.verb == "list"), "it is not a relist: {asked:?}");
    }
    let mut written = writes(&below);
    written.sort_unstable();
    let [changed, deleted, copy_deleted] = [changed, deleted, copy_deleted].map(|object| stage.copy_name(&object));
    let expected = [("create", copy_deleted), ("delete", deleted), ("patch", changed)];
    assert_eq!(written, expected.each_ref().map(|(verb, name)| (*verb, name.as_str())));
    assert_eq!(writes(&above), []);
    assert_eq!(called(&sluice), before);

    // At no time did it write elsewhere.
    let mut strays = stage.lab.physical_plane.audit()?;
    strays.retain(|event| event.user == "sluice" && event.namespace != stage.lab.target_namespace);
    assert_eq!(writes(&strays), []);
    Ok(())
}

/// ConfigMaps with whatever a ConfigMap may have.
fn maps() -> Vec<Value> {
    vec![
        json!({ "metadata": { "name": "plain" }, "data": { "colour": "blue" } }),
        json!({ "metadata": { "name": "bare" } }),
        json!({ "metadata": { "name": "empty", "labels": {}, "annotations": {} }, "data": {}, "binaryData": {} }),
        json!({ "metadata": { "name": "immutable" }, "binaryData": { "logo": "iVBORw==" }, "immutable": true }),
        json!({ "metadata": { "name": "mutable", "finalizers": ["example.com/hold"] }, "immutable": false }),
        json!({ "metadata": {
            "name": "noted", "labels": { "app": "" }, "annotations": { "one": "1\n2", "two": "" },
        } }),
    ]
}

/// Makes some pairs and waits until all is quiet. Returns each with its key.
async fn settle(stage: &Stage) -> Result<Vec<(String, ConfigMap)>> {
    let mut pairs = Vec::new();
    for object in maps() {
        let (object, copy) = stage.pair(object).await?;
        // One that was changed, and healed, and has something of others.
        let annotations = json!({ "theirs": "1" });
        stage.drift(&copy.name_any(), json!({ "metadata": { "annotations": annotations, "labels": null } })).await?;
        stage.stands(&with_theirs(stage.expected(&object))).await?;
        pairs.push((format!("default/{}", object.name_any()), object));
    }
    stage.barrier().await?;
    Ok(pairs)
}

fn with_theirs(mut copy: Value) -> Value {
    copy["metadata"]["annotations"]["theirs"] = json!("1");
    copy
}

/// The verbs of the requests about a copy.
fn about<'a>(asked: &'a [AuditEvent], copy: &ConfigMap) -> Vec<&'a str> {
    let about = asked.iter().filter(|event| event.name == copy.name_any());
    about.map(|event| event.verb.as_str()).collect()
}
