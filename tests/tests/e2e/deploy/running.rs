//! The program as the chart calls it, with the rights of the chart's service account and no others.

use super::{read, rendered, served, the};
use crate::support::{Stage, blue, started};
use anyhow::{Context, Result, ensure};
use k8s_openapi::api::{authentication::v1::TokenRequest, core::v1::ServiceAccount};
use kube::{
    Api,
    api::{PatchParams, PostParams},
};
use serde_json::{Value, json};
use sluice_tests::{Lab, artifacts, eventually, folder::Folder, process::Process};
use std::{
    fs::{self, File},
    path::Path,
    process::Command,
};

#[tokio::test]
async fn api_sluice_works_as_the_chart_runs_it() -> Result<()> {
    let stage = Stage::with_plugins(Lab::take("chart").await?, &[], "")?;
    let (lab, folder) = (&stage.lab, Folder::new("sluice-chart-")?);
    let values = folder.path().join("values.yaml");
    fs::write(&values, read("deploy/values.yaml")?)?;
    let component = folder.path().join("configmaps.b64");
    fs::write(&component, base64(&artifacts::guests()?.join("configmaps.wasm"))?)?;
    let kubeconfig = lab.virtual_plane.kubeconfig("sluice");
    let server: Value = serde_json::from_slice(&fs::read(&kubeconfig)?)?;
    let server = server["clusters"][0]["cluster"]["server"].as_str().context("no server")?;
    let objects = rendered(&[
        "sluice",
        "--namespace",
        &lab.target_namespace,
        &format!("--values={}", values.display()),
        &format!("--set-file=components.configmaps={}", component.display()),
        &format!("--set=virtualCluster.server={server},sources.folder=,listen=127.0.0.1"),
    ])?;
    for object in &objects {
        let kinds = ["ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "ConfigMap"];
        if kinds.iter().any(|kind| object["kind"] == *kind) {
            served::apply(&lab.physical_client, object, PatchParams::apply("installer")).await?;
        }
    }
    fs::write(folder.path().join("sluice.yaml"), text(the("Secret", &objects)?, "/stringData/sluice.yaml")?)?;
    fs::write(folder.path().join("physical.yaml"), limited(lab, the("ServiceAccount", &objects)?).await?)?;

    let container = &the("Deployment", &objects)?["spec"]["template"]["spec"]["containers"][0];
    let mut sluice = Command::new(artifacts::sluice()?);
    for arg in container["args"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        // Files are elsewhere here, and the port is any that is free.
        sluice.arg(match arg.split_once('=') {
            Some(("--virtual-kubeconfig", _)) => format!("--virtual-kubeconfig={}", kubeconfig.display()),
            Some(("--config", _)) => format!("--config={}", folder.path().join("sluice.yaml").display()),
            Some(("--compiled", _)) => format!("--compiled={}", folder.path().join("cache/compiled").display()),
            Some(("--admin", _)) => "--admin=127.0.0.1:0".into(),
            _ => arg.into(),
        });
    }
    let log = folder.path().join("log");
    sluice.arg("--physical-kubeconfig").arg(folder.path().join("physical.yaml")).stderr(File::create(&log)?);
    let mut process = Process::start(&mut sluice)?;
    started(&mut process, &log).await?;

    let (object, _) = stage.pair(blue("a")).await?;
    let changed = stage.change(&object, json!({ "data": { "colour": "red" } })).await?;
    stage.copied(&changed).await?;
    stage.delete(&changed).await?;
    eventually("the copy is gone", async || {
        stage.physical_maps().get_opt("a-x-default-x-my-vcluster").await.map(|copy| copy.is_none())
    })
    .await?;
    ensure!(process.terminate().await?.success(), "{}", fs::read_to_string(&log)?);

    let account = format!("system:serviceaccount:{}:sluice", lab.target_namespace);
    let mut asked = lab.physical_plane.audit()?;
    asked.retain(|event| event.user == account);
    ensure!(!asked.is_empty(), "it came as somebody else");
    asked.retain(|event| event.code == 403);
    ensure!(asked.is_empty(), "it was refused: {asked:?}");
    Ok(())
}

fn text<'v>(object: &'v Value, pointer: &str) -> Result<&'v str> {
    object.pointer(pointer).and_then(Value::as_str).with_context(|| format!("no {pointer} in {object}"))
}

fn base64(file: &Path) -> Result<Vec<u8>> {
    Ok(Command::new("base64").arg(file).output()?.stdout)
}

/// A kubeconfig with a token of this service account.
async fn limited(lab: &Lab, account: &Value) -> Result<String> {
    let accounts: Api<ServiceAccount> = Api::namespaced(lab.physical_client.clone(), &lab.target_namespace);
    let asked: TokenRequest = serde_json::from_value(json!({ "spec": { "audiences": [] } }))?;
    let made = accounts.create_token_request(text(account, "/metadata/name")?, &PostParams::default(), &asked).await?;
    let mut config: Value = serde_json::from_slice(&fs::read(lab.physical_plane.kubeconfig("nobody"))?)?;
    config["users"][0]["user"] = json!({ "token": made.status.context("no token")?.token });
    Ok(config.to_string())
}
