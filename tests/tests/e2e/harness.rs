//! The harness itself: what the other tests rely on.

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use kube::{
    Api, Client, ResourceExt,
    api::{ListParams, PostParams},
};
use sluice_tests::{ControlPlane, Lab, eventually, eventually_within, process::Process};
use std::{
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

#[tokio::test]
async fn api_control_plane_starts_and_audits() -> Result<()> {
    let lab = Lab::take("starts_and_audits").await?;
    let plane = &lab.virtual_plane;
    let mark = plane.audit_mark();
    config_maps(&lab.virtual_client).create(&PostParams::default(), &config_map("one")).await?;

    let event = eventually("the write is in the audit log", async || {
        plane.audit_since(mark).ok()?.into_iter().find(|event| event.verb == "create")
    });
    let event = event.await?;
    assert_eq!((event.user.as_str(), event.code), ("admin", 201));
    assert_eq!(
        (event.resource.as_str(), event.namespace.as_str(), event.name.as_str()),
        ("configmaps", "default", "one")
    );
    assert_eq!(event.request["data"]["key"], "value");
    assert!(event.response["metadata"]["uid"].is_string());

    let refused = config_maps(&plane.client_as("nobody").await?).list(&ListParams::default()).await;
    assert!(matches!(refused, Err(kube::Error::Api(status)) if status.is_forbidden()));
    Ok(())
}

#[tokio::test]
async fn api_control_plane_keeps_its_objects_over_a_restart() -> Result<()> {
    let lab = Lab::take("restart").await?;
    config_maps(&lab.virtual_client).create(&PostParams::default(), &config_map("kept")).await?;
    lab.virtual_plane.restart_apiserver().await?;
    let client = lab.virtual_plane.client().await?;
    config_maps(&client).get("kept").await?;
    Ok(())
}

#[tokio::test]
async fn api_lab_leaves_nothing_for_the_next_one() -> Result<()> {
    let lab = Lab::take("leaves").await?;
    let plane = lab.virtual_plane.clone();
    let mut held = config_map("held");
    held.finalizers_mut().push("sluice.dev/test".into());
    for object in [&held, &config_map("free")] {
        config_maps(&lab.virtual_client).create(&PostParams::default(), object).await?;
    }
    let namespaces: Api<Namespace> = Api::all(lab.virtual_client.clone());
    let named = serde_json::from_value(serde_json::json!({ "metadata": { "generateName": "made-" } }))?;
    let made = namespaces.create(&PostParams::default(), &named).await?.name_any();
    drop(lab);

    let client = plane.client().await?;
    eventually("what the test made is gone", async || -> Result<()> {
        let left = config_maps(&client).list(&ListParams::default()).await?;
        let ours: Vec<_> =
            left.iter().map(ResourceExt::name_any).filter(|name| name == "held" || name == "free").collect();
        ensure!(ours.is_empty(), "{ours:?} are left");
        let namespace = Api::<Namespace>::all(client.clone()).get_opt(&made).await?;
        ensure!(namespace.is_none(), "the namespace is left");
        Ok(())
    })
    .await
}

/// In the variable, this test's own program finds that it has to play the owner.
const OWNER: &str = "SLUICE_TEST_OWNER";

#[tokio::test]
async fn api_servers_end_when_their_owner_is_killed() -> Result<()> {
    let mut owner = Command::new(env::current_exe()?);
    owner.args(["--exact", "harness::owner_of_servers", "--ignored", "--nocapture"]).env(OWNER, "1");
    let mut owner = owner.stdout(Stdio::piped()).spawn()?;
    let output = BufReader::new(owner.stdout.take().context("the owner has no output")?);
    let mut said = output.lines().map_while(Result::ok).filter_map(|line| line.strip_prefix("owns ").map(String::from));
    let paths: Vec<String> = said.by_ref().take(3).collect();
    ensure!(paths.len() == 3 && paths.iter().all(|path| Path::new(path).exists()), "the owner started {paths:?} only");

    owner.kill()?;
    owner.wait()?;
    eventually("the servers and their folder are gone", async || paths.iter().all(|path| !Path::new(path).exists()))
        .await
}

#[tokio::test]
#[ignore = "runs as a process of its own, which another test kills"]
#[allow(clippy::print_stdout, reason = "its parent reads it")]
async fn owner_of_servers() -> Result<()> {
    if env::var_os(OWNER).is_none() {
        return Ok(());
    }
    let plane = ControlPlane::start("owned").await?;
    for id in plane.ids().await {
        println!("\nowns /proc/{id}");
    }
    println!("owns {}", plane.dir().display());
    tokio::time::sleep(Duration::MAX).await;
    Ok(())
}

#[tokio::test]
async fn api_process_ends_when_asked() -> Result<()> {
    let mut sleeping = Process::start(Command::new("sleep").arg("600"))?;
    assert!(sleeping.ended()?.is_none());
    assert!(!sleeping.terminate().await?.success());
    Ok(())
}

#[tokio::test]
async fn eventually_tells_what_it_waited_for_and_what_it_saw() {
    let mut looks = 0;
    let limit = Duration::from_millis(100);
    let failed = eventually_within(limit, "the moon is blue", async || -> Result<(), &str> {
        looks += 1;
        Err("it is white")
    });
    let error = failed.await.expect_err("it is not blue").to_string();
    assert!(error.contains("the moon is blue") && error.contains("it is white"), "{error}");
    assert!(looks > 1);
}

fn config_maps(client: &Client) -> Api<ConfigMap> {
    Api::namespaced(client.clone(), "default")
}

fn config_map(name: &str) -> ConfigMap {
    let mut object = ConfigMap::default();
    object.metadata.name = Some(name.into());
    object.data = Some([("key".into(), "value".into())].into());
    object
}
