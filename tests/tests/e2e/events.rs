//! What is told above does not speak of what is below: names there are translated back.

use crate::support::{
    Stage, blue,
    things::{Kind, text},
};
use anyhow::Result;
use kube::api::PostParams;
use serde_json::{Value, json};
use sluice_tests::eventually;

const RESOURCE_QUOTAS: Kind = Kind("v1", "ResourceQuota", "resourcequotas");
const POLICIES: Kind =
    Kind("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies");
const BINDINGS: Kind =
    Kind("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings");

/// Waits until nobody can make a ConfigMap in the target namespace.
async fn refused_below(stage: &Stage) -> Result<()> {
    let maps = stage.physical_maps();
    let try_it = PostParams { dry_run: true, ..PostParams::default() };
    let object = serde_json::from_value(blue("probe"))?;
    eventually("ConfigMaps are refused", async || maps.create(&try_it, &object).await.is_err()).await
}

/// Makes a ConfigMap that is refused below, and gives what its owner is told.
async fn told(stage: &Stage, part: &str) -> Result<String> {
    let object = json!(stage.create(blue("a")).await?);
    let note = stage.told_that(&object, part).await?;
    for (what, name) in [("name", "a-x-default-x-my-vcluster"), ("namespace", &stage.lab.target_namespace)] {
        assert!(!note.contains(name), "the physical {what} is told: {note}");
    }
    Ok(note)
}

#[tokio::test]
async fn api_a_quota_below_is_told_of_with_virtual_names() -> Result<()> {
    let stage = Stage::take("quota").await?;
    let _sluice = stage.start().await?;
    let none = json!({ "hard": { "count/configmaps": "0" } });
    let quotas = stage.below(RESOURCE_QUOTAS);
    quotas.put(json!({ "metadata": { "name": "none" }, "spec": none })).await?;
    // What its controller does.
    let used = json!({ "status": { "hard": none["hard"], "used": none["hard"] } });
    quotas.change_status("none", used).await?;
    refused_below(&stage).await?;

    let note = told(&stage, "exceeded quota: none").await?;
    assert!(note.contains("cannot create physical v1 ConfigMap default/a"), "{note}");
    assert!(note.contains(r#"configmaps "a" is forbidden"#), "{note}");
    quotas.delete("none").await?;
    stage.copied(&stage.virtual_maps("default").get("a").await?).await?;
    Ok(())
}

#[tokio::test]
async fn api_what_a_policy_below_says_is_told_with_virtual_names() -> Result<()> {
    let stage = Stage::take("admission").await?;
    let _sluice = stage.start().await?;
    let target = json!({ "matchLabels": { "kubernetes.io/metadata.name": stage.lab.target_namespace } });
    let rule =
        json!({ "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"] });
    let said = "'NAME' is too blue for NAMESPACE/NAME of system:serviceaccount:NAMESPACE:x in namespace NAMESPACE";
    let of = |field: &str| format!("' + object.metadata.{field} + '");
    let quoted = said.replace('\'', "\\'").replace("NAMESPACE", &of("namespace")).replace("NAME", &of("name"));
    let message = format!("'{quoted}'");
    let (policies, bindings) = (stage.below_in(POLICIES, ""), stage.below_in(BINDINGS, ""));
    let validation = json!({ "expression": "false", "messageExpression": message });
    let spec = json!({ "matchConstraints": { "resourceRules": [rule] }, "validations": [validation] });
    let policy = policies.put(json!({ "metadata": { "name": "not-so-blue" }, "spec": spec })).await?;
    let name = text(&policy, "/metadata/name").to_owned();
    let here: Value = json!({ "namespaceSelector": target });
    let spec = json!({ "policyName": name, "validationActions": ["Deny"], "matchResources": here });
    bindings.put(json!({ "metadata": { "name": name }, "spec": spec })).await?;
    refused_below(&stage).await?;

    let note = told(&stage, "is too blue for").await;
    bindings.delete(&name).await?;
    policies.delete(&name).await?;
    let translated = said.replace("NAMESPACE", "default").replace("NAME", "a");
    let note = note?;
    assert!(note.ends_with(&translated), "{note}");
    Ok(())
}
