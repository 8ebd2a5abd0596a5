//! What a Secret holds is never told, not even by an API server that tells it.

use super::{
    barrier, secret, stage,
    taken::{events, warnings},
};
use crate::support::{
    Stage,
    collector::Collector,
    port::Port,
    things::{Kind, NAMESPACES, SECRETS},
};
use anyhow::Result;
use k8s_openapi::ByteString;
use serde_json::{Value, json};
use sluice_tests::eventually;

const POLICIES: Kind =
    Kind("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies");
const BINDINGS: Kind =
    Kind("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings");
/// What the Secrets hold, one after the other.
const MARKERS: [&str; 3] = ["marker-one-hunter2", "marker-two-hunter2", "marker-three-hunter2"];

#[tokio::test]
async fn api_what_a_secret_holds_is_in_no_log_event_span_or_metric() -> Result<()> {
    let mut collector = Collector::absent()?;
    collector.start().await?;
    let mut stage = stage("secrecy").await?;
    stage.lab.variables.extend(collector.variables());
    let mut sluice = stage.start().await?;
    let (above, below) = (stage.above(SECRETS, "secrecy"), stage.below(SECRETS));
    below.put(holding("echo", MARKERS[0])).await?;
    below.put(holding("locked", MARKERS[0])).await?;
    above.appears("echo").await?;
    above.appears("locked").await?;
    echo(&stage).await?;

    // The virtual API server refuses the change, and quotes it.
    below.change("echo", json!({ "data": encoded(MARKERS[1]) })).await?;
    sluice.wait_for_line(r#""reason":"rejected""#).await?;
    // It refuses to change what its user has locked.
    above.change("locked", json!({ "immutable": true })).await?;
    below.change("locked", json!({ "data": encoded(MARKERS[2]) })).await?;
    let told = async || {
        let mut told = warnings(&stage, "secrecy").await?;
        told.retain(|warning| warning.reason.as_deref() == Some("SyncError"));
        told.dedup_by_key(|warning| warning.regarding.as_ref().and_then(|regarding| regarding.name.clone()));
        Ok::<_, anyhow::Error>((told.len() == 2).then_some(told))
    };
    let told = eventually("both are told", told).await?;
    let notes: Vec<_> = told.iter().filter_map(|warning| warning.note.as_deref()).collect();
    assert!(notes.iter().any(|note| note.contains("***")), "the API server's words are told, but for these: {notes:?}");
    // One that cannot even be made has no object to tell it of.
    above.delete("echo").await?;
    barrier(&stage).await?;
    eventually("it tries to make it", async || sluice.logs().contains("cannot create")).await?;

    collector.sees("a span of it", |span| span.failed && span.name == "create Secret").await?;
    let metrics = Port::of_admin(&mut sluice).await?.get("/metrics").await?;
    let mut said = [sluice.logs(), collector.text()?, String::from_utf8(metrics.body)?].concat();
    for namespace in stage.above(NAMESPACES, "").names().await? {
        said.push_str(&serde_json::to_string(&events(&stage, &namespace).await?)?);
    }
    for marker in MARKERS {
        let stored = encoded(marker)["password"].as_str().map(String::from).unwrap_or_default();
        for text in [marker, &stored] {
            assert!(!said.contains(text), "{text} is told: {said}");
        }
    }
    Ok(())
}

fn encoded(value: &str) -> Value {
    json!({ "password": ByteString(value.into()) })
}

fn holding(name: &str, value: &str) -> Value {
    let mut holding = secret(name, Some(&format!("secrecy/{name}")), "Opaque");
    holding["data"] = encoded(value);
    holding
}

/// From now on the virtual API server takes no Secret named `echo`, and says what it holds.
async fn echo(stage: &Stage) -> Result<()> {
    let secrets = json!({
        "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["secrets"],
    });
    let quoted = "'no password as ' + string(object.data.password)";
    let policy = json!({ "metadata": { "name": "echo" }, "spec": {
        "matchConstraints": { "resourceRules": [secrets] },
        "matchConditions": [{ "name": "echo", "expression": "object.metadata.name == 'echo'" }],
        "validations": [{ "expression": "false", "messageExpression": quoted }],
    }});
    stage.above(POLICIES, "").put(policy).await?;
    let binding =
        json!({ "metadata": { "name": "echo" }, "spec": { "policyName": "echo", "validationActions": ["Deny"] } });
    stage.above(BINDINGS, "").put(binding).await?;
    let above = stage.above(SECRETS, "secrecy");
    eventually("the policy holds", async || {
        let tried = above.change("echo", json!({ "metadata": { "labels": { "tried": "1" } } })).await;
        // The runtime takes the label away again, as long as it may.
        tried.is_err_and(|error| error.to_string().contains("no password as"))
    })
    .await
}
