//! The rights that grants need are enough, on real API servers, for all plugins of this repository.

use crate::support::{
    STARTED, Stage,
    things::{DEFINITIONS, Kind, SECRETS, Things},
};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sluice_tests::{ControlPlane, Lab, Sluice, artifacts};
use std::{fs, path::Path, process::Command};

const MAPS: Kind = Kind("v1", "ConfigMap", "configmaps");
const NODES: Kind = Kind("v1", "Node", "nodes");
const PODS: Kind = Kind("v1", "Pod", "pods");
const INGRESSES: Kind = Kind("networking.k8s.io/v1", "Ingress", "ingresses");
const POLICIES: Kind = Kind("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies");
const CLASSES: Kind = Kind("storage.k8s.io/v1", "StorageClass", "storageclasses");
const CARS: Kind = Kind("example.loft.sh/v1", "Car", "cars");
const ROLE: Kind = Kind("rbac.authorization.k8s.io/v1", "Role", "roles");
const CLUSTER_ROLE: Kind = Kind("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles");

fn example() -> Result<String> {
    Ok(fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/examples/sluice.yaml"))?)
}

/// The roles that `sluice plugin rbac` prints for one side.
fn roles(stage: &Stage, side: &str) -> Result<Vec<Value>> {
    let mut command = Command::new(artifacts::sluice()?);
    command.args(["plugin", "rbac", "-o", "json", "--side", side]).arg(stage.plugin_folder());
    command.arg("--config").arg(stage.config_file());
    command.args(["--name", &stage.lab.name, "--namespace", &stage.lab.target_namespace]);
    let output = command.env("SLUICE_COMPILED", artifacts::compiled()?).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let roles = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
    roles.collect::<Result<_, _>>().context("the roles")
}

/// Gives these roles to the user `limited`.
async fn grant(roles: Vec<Value>, at: impl Fn(Kind, &str) -> Things) -> Result<()> {
    for mut role in roles {
        let namespace = role["metadata"]["namespace"].as_str().unwrap_or_default().to_owned();
        let (kind, binding, bindings) = match &*namespace {
            "" => (CLUSTER_ROLE, "ClusterRoleBinding", "clusterrolebindings"),
            _ => (ROLE, "RoleBinding", "rolebindings"),
        };
        let name = role["metadata"]["name"].clone();
        // Kubernetes lets nobody give away what it has not itself: this one is not for the runtime to copy.
        role["metadata"]["labels"] = json!({ "kubernetes.io/bootstrapping": "" });
        let bound = json!({
            "metadata": { "name": name },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": kind.1, "name": name },
            "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "limited" }],
        });
        at(kind, &namespace).put(role).await?;
        at(Kind(kind.0, binding, bindings), &namespace).put(bound).await?;
    }
    Ok(())
}

/// What the runtime was refused.
fn refused(plane: &ControlPlane) -> Result<Vec<String>> {
    let mut events = plane.audit_since(sluice_tests::plane::AuditMark::default())?;
    events.retain(|event| event.user == "limited" && event.code == 403);
    Ok(events.iter().map(|event| format!("{} {}/{} {}", event.verb, event.group, event.resource, event.name)).collect())
}

#[tokio::test]
async fn api_all_plugins_run_with_the_rights_that_their_grants_need() -> Result<()> {
    let mut lab = Lab::alone("rights").await?;
    lab.user = "limited";
    let plugins = crate::readme::plugins()?;
    let names: Vec<&str> = plugins.iter().map(String::as_str).collect();
    let stage = Stage::with_plugins(lab, &names, &example()?)?;
    for namespace in ["test", "support"] {
        stage
            .above(Kind("v1", "Namespace", "namespaces"), "")
            .put(json!({ "metadata": { "name": namespace } }))
            .await?;
    }
    let definition: Value = serde_saphyr::from_str(include_str!("../../../plugins/cars/crd.yaml"))?;
    stage.above(DEFINITIONS, "").put(definition).await?;
    grant(roles(&stage, "virtual")?, |kind, namespace| stage.above(kind, namespace)).await?;
    grant(roles(&stage, "physical")?, |kind, namespace| stage.below_in(kind, namespace)).await?;

    let mut sluice: Sluice = stage.launch_as_is(&["--log-level", "debug", "--interceptors", "127.0.0.1:0"])?;
    sluice.wait_for_line(STARTED).await?;
    let named = |name: &str| json!({ "metadata": { "name": name } });
    let at = |kind: Kind| stage.above(kind, "default");
    let copy = |name: &str| format!("{name}-x-default-x-my-vcluster");

    at(MAPS).put(named("plain")).await?;
    stage.below(MAPS).appears(&copy("plain")).await?;
    at(MAPS).change("plain", json!({ "data": { "k": "v" } })).await?;
    stage.below(MAPS).until(&copy("plain"), "follows", |map| map["data"]["k"] == "v").await?;
    at(MAPS).delete("plain").await?;
    stage.below(MAPS).goes(&copy("plain")).await?;

    let everywhere = json!({ "metadata": { "name": "all", "labels": { "sluice.example.com/everywhere": "" } } });
    stage.below(MAPS).put(everywhere).await?;
    stage.above(MAPS, "test").appears("all").await?;
    let imported = json!({ "metadata": { "name": "in", "annotations": { "vcluster.loft.sh/import": "made/in" } } });
    stage.below(SECRETS).put(imported).await?;
    stage.above(SECRETS, "made").appears("in").await?;

    at(SECRETS).put(named("tls")).await?;
    let spec =
        json!({ "tls": [{ "secretName": "tls" }], "defaultBackend": { "resource": { "kind": "A", "name": "a" } } });
    at(INGRESSES).put(json!({ "metadata": { "name": "i" }, "spec": spec })).await?;
    stage.below(SECRETS).appears(&copy("tls")).await?;
    at(POLICIES).put(json!({ "metadata": { "name": "p" }, "spec": { "podSelector": {} } })).await?;
    stage.below(POLICIES).appears(&copy("p")).await?;

    let spec = json!({ "nodeName": "far", "containers": [{ "name": "c", "image": "example.com/none" }] });
    at(PODS).put(json!({ "metadata": { "name": "p" }, "spec": spec })).await?;
    let ready = |node: &Value| node["status"]["conditions"][0]["type"] == "Ready";
    stage.above(NODES, "").until("far", "is ready", ready).await?;

    stage
        .below_in(CLASSES, "")
        .put(json!({ "metadata": { "name": "fast" }, "provisioner": "example.com/none" }))
        .await?;
    stage.above(CLASSES, "").appears("fast").await?;
    stage.above(CLUSTER_ROLE, "").put(named("none")).await?;
    let role = format!("vcluster-none-x-{}-x-my-vcluster", stage.lab.target_namespace);
    stage.below_in(CLUSTER_ROLE, "").appears(&role).await?;
    sluice_tests::eventually("cars are served below", async || stage.below(CARS).names().await.ok()).await?;
    at(CARS).put(json!({ "metadata": { "name": "audi" }, "spec": { "type": "Audi", "seats": 4 } })).await?;
    stage.below(CARS).appears(&copy("audi")).await?;

    assert!(sluice.terminate().await?.success());
    for plane in [&stage.lab.virtual_plane, &stage.lab.physical_plane] {
        assert_eq!(refused(plane)?, Vec::<String>::new());
    }
    Ok(())
}
