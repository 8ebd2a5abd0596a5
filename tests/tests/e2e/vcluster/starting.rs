//! How it starts, and what of it is told.

use super::program::VCluster;
use crate::support::{Stage, blue, port::Port, writes};
use anyhow::{Context, Result};
use serde_json::json;
use sluice_tests::{artifacts, eventually};
use std::{fs, process::Command};

#[tokio::test]
async fn vcluster_starts_it_and_it_syncs_when_it_leads() -> Result<()> {
    let stage = Stage::take("vcluster_leads").await?;
    let mark = stage.lab.physical_plane.audit_mark();
    stage.create(blue("before")).await?;
    let mut vcluster = VCluster::run(&stage)?;
    vcluster.start(&stage, json!({})).await?;
    vcluster.does(json!({ "do": "ping" })).await?;
    vcluster.wait_for_line("waiting to become leader").await?;
    assert_eq!(writes(&stage.asked_below(mark)?), []);

    vcluster.does(json!({ "do": "lead" })).await?;
    vcluster.wait_for_line("starting plugins").await?;
    let copied = async |name: &str| {
        let name = format!("{name}-x-default-x-my-vcluster");
        eventually(&format!("{name} is there"), async || stage.physical_maps().get_opt(&name).await).await
    };
    copied("before").await?;
    // Leading twice is leading.
    vcluster.does(json!({ "do": "lead" })).await?;
    stage.create(blue("after")).await?;
    copied("after").await?;
    // Nobody else has to be kept from writing.
    let asked = stage.lab.physical_plane.audit_since(mark)?;
    assert!(!asked.iter().any(|event| event.resource == "leases" && event.namespace == stage.lab.target_namespace));
    Ok(())
}

#[tokio::test]
async fn vcluster_of_any_release_starts_it() -> Result<()> {
    let stage = Stage::take("vcluster_releases").await?;
    let (lab, target) = (&stage.lab, &stage.lab.target_namespace);
    let admin = json!({ "virtualClusterKubeConfig": { "kubeConfig": lab.virtual_plane.kubeconfig(lab.user) } });
    let options = json!({ "name": "v19", "targetNamespace": target,
        "kubeConfig": lab.virtual_plane.kubeconfig(lab.user) });
    let kubeconfigs = ["workloadConfig", "controlPlaneConfig", "physicalClusterConfig"];
    for (name, kubeconfigs, said) in [
        ("v37", &kubeconfigs[..], json!({ "config": { "hostNamespace": target } })),
        ("v28", &kubeconfigs, json!({ "config": { "hostNamespace": "other", "hostTargetNamespace": target } })),
        ("v27", &kubeconfigs, json!({ "config": { "workloadNamespace": "other", "workloadTargetNamespace": target } })),
        ("v26", &kubeconfigs, json!({ "config": { "workloadNamespace": target } })),
        ("v20", &kubeconfigs, json!({ "config": {}, "currentNamespace": target })),
        ("v19", &kubeconfigs[2..], json!({ "options": options, "currentNamespace": "other" })),
    ] {
        let mut vcluster = VCluster::run(&stage)?;
        let beside = vcluster.folder.path().join("plugins/sluice");
        let mut sent = said;
        if let Some(config) = sent["config"].as_object_mut() {
            config.extend([("name".into(), name.into()), ("experimental".into(), admin.clone())]);
        } else {
            sent.as_object_mut().map(|sent| sent.remove("config"));
        }
        (sent["workingDir"], sent["port"]) = (json!(beside), 13370.into());
        let physical = lab.physical_plane.kubeconfig(lab.user);
        vcluster
            .does(json!({ "do": "initialize", "plugin": beside.join("plugin"), "sent": sent,
                "kubeconfigs": kubeconfigs, "physical": physical }))
            .await?;
        let line = vcluster.wait_for_line("creating context").await?;
        // Its fields are in any order.
        let has = |field: String| line.split_whitespace().any(|word| word == field);
        assert!(has(format!("name={name}")) && has(format!("namespace={target}")), "{line}");
        vcluster.wait_for_line("waiting to become leader").await?;
    }
    Ok(())
}

#[tokio::test]
async fn vcluster_shows_its_log_with_levels_and_fields() -> Result<()> {
    let stage = Stage::take("vcluster_logs").await?;
    let mut vcluster = VCluster::run(&stage)?;
    vcluster.start(&stage, json!({ "logLevel": "debug" })).await?;
    let line = vcluster.wait_for_line("creating context").await?;
    assert!(line.contains("[INFO]") && line.contains("name=my-vcluster"), "{line}");
    // Each call is a line that vCluster would drop under its own level.
    stage.create(blue("one")).await?;
    vcluster.does(json!({ "do": "lead" })).await?;
    let line = vcluster.wait_for_line("level=debug").await?;
    assert!(line.contains("[INFO]"), "{line}");
    Ok(())
}

#[tokio::test]
async fn vcluster_starts_with_the_plugins_that_are_no_good_left_out() -> Result<()> {
    let stage = Stage::take("vcluster_broken").await?;
    fs::write(stage.plugin_folder().join("broken.wasm"), "no component")?;
    stage.create(blue("some")).await?;
    // The grants are those of the rest: a folder with something broken in it is not granted anything.
    let grants = json!({ "configmaps": { "grants": [
        { "side": "virtual", "kind": "ConfigMap", "verbs": ["sync"] },
        { "side": "physical", "kind": "ConfigMap", "verbs": ["sync"] },
    ] } });
    let mut vcluster = VCluster::run(&stage)?;
    vcluster.start(&stage, json!({ "plugins": grants })).await?;
    let line = vcluster.wait_for_line("refused, and not run").await?;
    assert!(line.contains("[ERROR]") && line.contains("plugin=broken") && line.contains("broken.wasm"), "{line}");
    vcluster.does(json!({ "do": "lead" })).await?;
    let copy = async || stage.physical_maps().get_opt("some-x-default-x-my-vcluster").await;
    eventually("the copy is there", copy).await?;

    // Unless all of them have to be good.
    let mut vcluster = VCluster::run(&stage)?;
    let answer = vcluster.try_start(&stage, json!({ "plugins": grants, "fatal": true })).await?;
    let error = answer["error"].as_str().unwrap_or_default();
    assert!(error.contains("`fatal` is set") && error.contains("broken.wasm"), "{answer}");
    Ok(())
}

#[tokio::test]
async fn vcluster_starts_without_it_where_its_config_is_no_good() -> Result<()> {
    let stage = Stage::take("vcluster_config").await?;
    let mut vcluster = VCluster::run(&stage)?;
    vcluster.start(&stage, json!({ "plugin": {} })).await?;
    let line = vcluster.wait_for_line("vCluster starts without").await?;
    assert!(line.contains("[ERROR]") && line.contains("unknown field `plugin`"), "{line}");
    // It answers all the same.
    vcluster.does(json!({ "do": "lead" })).await?;
    let secret = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "a" } });
    vcluster.mutate("CreatePhysical", secret).await?;
    Ok(())
}

#[test]
fn vcluster_alone_starts_it() -> Result<()> {
    for (cookie, code, said) in [
        ("", 1, "error: this is a plugin of vCluster, which starts it: put it into an image"),
        ("other", 1, "error: this is a plugin of vCluster, which starts it: put it into an image"),
    ] {
        let ran = Command::new(artifacts::sluice()?).env("VCLUSTER_PLUGIN", cookie).output()?;
        let stderr = String::from_utf8(ran.stderr)?;
        assert!(ran.status.code() == Some(code) && stderr.starts_with(said), "{stderr}");
        assert_eq!(ran.stdout, b"");
    }
    // A vCluster of the future.
    let mut command = Command::new(artifacts::sluice()?);
    let ran = command.env("VCLUSTER_PLUGIN", "vcluster").env("PLUGIN_PROTOCOL_VERSIONS", "2,3").output()?;
    let stderr = String::from_utf8(ran.stderr)?;
    assert!(ran.status.code() == Some(1) && stderr.contains(r#""@level":"error""#), "{stderr}");
    assert!(stderr.contains("this vCluster speaks none of the plugin protocols"), "{stderr}");
    Ok(())
}

#[tokio::test]
async fn vcluster_shows_health_and_looks_for_plugins_where_its_config_says() -> Result<()> {
    let stage = Stage::take("vcluster_settings").await?;
    let metadata = json!({ "name": "extra", "labels": { "sluice.dev/plugin": "extra" } });
    stage.put(&json!({ "metadata": metadata, "binaryData": { "plugin.wasm": "AAAA" } })).await?;
    let mut vcluster = VCluster::run(&stage)?;
    vcluster.start(&stage, json!({ "admin": "127.0.0.1:0", "configMaps": true })).await?;
    let line = vcluster.wait_for_line("health and metrics are served").await?;
    let address = line.split_whitespace().find_map(|word| word.strip_prefix("address=")).context("no address")?;
    let port = Port(address.parse()?);
    eventually("it is ready", async || port.get("/readyz").await.is_ok_and(|answer| answer.status == 200)).await?;
    let line = vcluster.wait_for_line("refused, and not run").await?;
    assert!(line.contains("plugin=extra"), "{line}");
    Ok(())
}
