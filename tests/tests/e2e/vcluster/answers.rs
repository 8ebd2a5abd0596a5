//! What vCluster makes of answers: it decodes them over what it has.

use super::program::VCluster;
use crate::support::Stage;
use anyhow::Result;
use serde_json::{Value, json};
use sluice_vcluster::mutation::over;

fn pod() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": "a", "namespace": "ns", "creationTimestamp": "2026-01-01T00:00:00Z",
            "labels": { "kept": "1", "gone": "2" }, "annotations": { "gone": "1" } },
        "spec": {
            "containers": [
                { "name": "one", "image": "x", "env": [{ "name": "A", "value": "1" }], "tty": true,
                    "resources": { "limits": { "cpu": "1", "memory": "1Gi" }, "requests": { "cpu": "1" } } },
                { "name": "two", "image": "y" },
            ],
            "hostname": "gone", "nodeName": "kept", "hostNetwork": true, "priority": 3,
            "activeDeadlineSeconds": 10, "nodeSelector": { "gone": "1" }, "tolerations": [{ "key": "gone" }],
            "securityContext": { "runAsUser": 1, "runAsGroup": 2, "sysctls": [{ "name": "n", "value": "v" }] },
        },
        "status": { "phase": "Running", "startTime": "2026-01-01T00:00:00Z", "podIP": "kept" },
    })
}

/// Takes what is at these pointers out of an object.
fn without(mut object: Value, pointers: &[&str]) -> Value {
    for pointer in pointers {
        let (parent, key) = pointer.rsplit_once('/').unwrap_or_default();
        match object.pointer_mut(parent) {
            Some(Value::Object(map)) => drop(map.remove(key)),
            Some(Value::Array(list)) => drop(list.remove(key.parse().unwrap_or_default())),
            _ => panic!("{pointer} is nowhere"),
        }
    }
    object
}

#[tokio::test]
async fn vcluster_gets_the_object_that_was_meant() -> Result<()> {
    let stage = Stage::take("vcluster_answers").await?;
    let mut vcluster = VCluster::run(&stage)?;
    let mut decoded = async |answer: String| -> Result<Value> {
        let answer = json!({ "do": "decode", "object": pod(), "answer": answer });
        Ok(vcluster.does(answer).await?["object"].take())
    };
    // As it is written by a Go plugin: what is left out stays.
    let plain = without(pod(), &["/metadata/labels/gone", "/spec/hostname", "/spec/tolerations"]);
    let kept = decoded(plain.to_string()).await?;
    assert_eq!((&kept["metadata"]["labels"]["gone"], &kept["spec"]["hostname"]), (&"2".into(), &"gone".into()));

    for pointers in [
        &["/metadata/labels/gone"][..],
        &["/metadata/labels"],
        &["/metadata/annotations"],
        &["/metadata/labels/gone", "/metadata/annotations/gone"],
        &["/spec/hostname"],
        &["/spec/hostNetwork", "/spec/priority", "/spec/activeDeadlineSeconds"],
        &["/spec/nodeSelector/gone", "/spec/tolerations/0"],
        &["/spec/securityContext"],
        &["/spec/securityContext/runAsUser", "/spec/securityContext/sysctls"],
        &["/spec/containers/0/env", "/spec/containers/0/tty"],
        &["/spec/containers/0/resources/limits/memory"],
        &["/spec/containers/0/resources"],
        &["/spec/containers/0"],
        &["/status/startTime", "/status/phase"],
        &["/status"],
    ] {
        let meant = without(pod(), pointers);
        let got = decoded(over(&pod(), &meant)).await?;
        assert_eq!(tidy(got), tidy(meant), "{pointers:?}");
    }
    Ok(())
}

/// Without what Go writes where there is nothing.
fn tidy(mut value: Value) -> Value {
    match &mut value {
        Value::Object(map) => {
            *map = std::mem::take(map).into_iter().map(|(key, value)| (key, tidy(value))).collect();
            map.retain(|_, value| !matches!(value, Value::Null) && *value != json!({}) && *value != json!([]));
        }
        Value::Array(list) => list.iter_mut().for_each(|item| *item = tidy(item.take())),
        _ => {}
    }
    value
}
