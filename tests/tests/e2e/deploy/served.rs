//! What is installed, as a real API server takes it.

use super::{chart::VARIANTS, documents, read, rendered, the};
use anyhow::{Context, Result, bail, ensure};
use kube::{
    Api, Client,
    api::{Patch, PatchParams, PostParams},
    core::{ApiResource, DynamicObject, GroupVersion},
};
use serde_json::{Value, json};
use sluice_tests::Lab;

/// The objects of its kind, where it belongs.
pub(super) fn place(client: &Client, object: &Value) -> Result<Api<DynamicObject>> {
    let [version, kind] = ["apiVersion", "kind"].map(|field| object[field].as_str());
    let version: GroupVersion = version.context("no apiVersion")?.parse()?;
    let resource = ApiResource::from_gvk(&version.with_kind(kind.context("no kind")?));
    Ok(match object["metadata"]["namespace"].as_str() {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
        None => Api::all_with(client.clone(), &resource),
    })
}

/// Applies an object as `kubectl apply --server-side` does. Fields that the API server does not know are errors.
pub(super) async fn apply(client: &Client, object: &Value, params: PatchParams) -> Result<()> {
    let name = object["metadata"]["name"].as_str().context("no name")?;
    let applied = place(client, object)?.patch(name, &params.validation_strict(), &Patch::Apply(object)).await;
    applied.with_context(|| format!("{} {name}", object["kind"])).map(drop)
}

async fn namespace(lab: &Lab, name: &str, labels: Value) -> Result<()> {
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "labels": labels } });
    apply(&lab.physical_client, &namespace, PatchParams::apply("admin")).await
}

#[tokio::test]
async fn api_all_that_is_installed_is_taken() -> Result<()> {
    let lab = Lab::take("installed").await?;
    for name in ["team", "vcluster-my"] {
        namespace(&lab, name, json!({})).await?;
    }
    let release = ["sluice", "--namespace", &lab.target_namespace];
    let mut all = documents(&read("deploy/install.yaml")?)?;
    for values in VARIANTS {
        all.extend(rendered(&[&release, values].concat())?);
    }
    let dry = || PatchParams { dry_run: true, ..PatchParams::apply("installer") };
    for object in &all {
        // It is served where Prometheus' operator is.
        if object["kind"] == "ServiceMonitor" {
            assert_eq!(object["spec"]["endpoints"][0]["port"], "admin");
            continue;
        }
        apply(&lab.physical_client, object, dry()).await?;
    }
    // What is not known is refused, or all this would show nothing.
    let mut wrong = the("Deployment", &all)?.clone();
    wrong["spec"]["replica"] = json!(2);
    let refusal = apply(&lab.physical_client, &wrong, dry()).await;
    ensure!(refusal.is_err_and(|error| format!("{error:#}").contains("replica")));
    Ok(())
}

#[tokio::test]
async fn api_its_pods_are_let_in_where_pods_are_restricted() -> Result<()> {
    let lab = Lab::take("restricted").await?;
    let restricted = format!("{}-pods", lab.target_namespace);
    namespace(&lab, &restricted, json!({ "pod-security.kubernetes.io/enforce": "restricted" })).await?;
    let objects = rendered(&[&["sluice", "--namespace", &restricted], VARIANTS[0]].concat())?;
    let template = &the("Deployment", &objects)?["spec"]["template"];
    let replica = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "replica", "namespace": restricted },
        "spec": template["spec"],
    });
    let dry = PostParams { dry_run: true, ..PostParams::default() };
    for pod in [&replica, the("Pod", &objects)?] {
        place(&lab.physical_client, pod)?.create(&dry, &serde_json::from_value(pod.clone())?).await?;
    }
    let mut loose = replica;
    loose["spec"]["containers"][0]["securityContext"] = json!({});
    match place(&lab.physical_client, &loose)?.create(&dry, &serde_json::from_value(loose.clone())?).await {
        Err(kube::Error::Api(refusal)) => ensure!(refusal.message.contains("violates PodSecurity"), "{refusal:?}"),
        other => bail!("it is let in: {other:?}"),
    }
    Ok(())
}
