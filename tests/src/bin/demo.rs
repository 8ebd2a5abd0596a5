//! `cargo xtask demo`: the tutorial's plugin at work, step by step, between two real control planes.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a demo is what it prints")]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use kube::{Api, Client};
use serde_json::{Value, json};
use sluice_tests::{Lab, Sluice, artifacts, eventually, plugins_dir};

#[tokio::main]
async fn main() -> ExitCode {
    match demo(std::env::args().any(|arg| arg == "--keep")).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn demo(keep: bool) -> Result<()> {
    println!("\nThe tutorial's ConfigMap plugin, as a sandboxed component, between two real clusters.\n");

    let begun = Instant::now();
    let lab = Lab::alone("my-vcluster").await?;
    done("two control planes, an etcd and a kube-apiserver each", begun);

    let begun = Instant::now();
    let size = std::fs::metadata(artifacts::guests()?.join("configmaps.wasm"))?.len();
    let plugins = plugins_dir(&["configmaps"])?;
    let mut sluice = Sluice::run(&lab, plugins.path(), "", &[])?;
    sluice.wait_for_line("started").await?;
    done(&format!("sluice with configmaps.wasm ({} KB)", size.div_ceil(1000)), begun);

    let stage = Stage::new(&lab);
    stage.play().await?;

    if keep {
        let configs = [&lab.virtual_plane, &lab.physical_plane].map(|plane| plane.kubeconfig("admin"));
        println!("\nEverything goes on running. Look around with:");
        println!("  kubectl --kubeconfig {} get configmaps -A", configs[0].display());
        println!("  kubectl --kubeconfig {} get configmaps -n {} -o yaml", configs[1].display(), lab.target_namespace);
        println!("The runtime's log:\n  tail -f {}", sluice.stderr.path().display());
        println!("Stop it with:\n  kill {}", sluice.id());
        sluice.leave();
        let plugins = plugins.leave();
        for plane in lab.into_planes().context("the planes are in use elsewhere")? {
            println!("  {}", plane.keep());
        }
        println!("  rm -r {}", plugins.display());
        return Ok(());
    }

    let begun = Instant::now();
    let status = sluice.terminate().await?;
    ensure!(status.success(), "sluice ended with {status}:\n{}", sluice.logs());
    println!();
    done("sluice finished its writes and released the lease", begun);
    println!("\nEvery step came out as it should. `cargo xtask demo --keep` leaves all this running for kubectl.");
    Ok(())
}

fn done(what: &str, begun: Instant) {
    println!("  ok  {what} ({:.1} s)", begun.elapsed().as_secs_f32());
}

/// Both clusters as their users see them.
struct Stage {
    virtual_: Api<ConfigMap>,
    physical: Api<ConfigMap>,
    cluster: String,
    namespace: String,
}

impl Stage {
    fn new(lab: &Lab) -> Self {
        let api = |client: &Client, namespace: &str| Api::namespaced(client.clone(), namespace);
        Self {
            virtual_: api(&lab.virtual_client, "default"),
            physical: api(&lab.physical_client, &lab.target_namespace),
            cluster: lab.name.clone(),
            namespace: lab.target_namespace.clone(),
        }
    }

    async fn play(&self) -> Result<()> {
        self.say("create ConfigMap default/settings in the virtual cluster", "colour: blue");
        self.virtual_.create(&PostParams::default(), &config_map("settings", &[("colour", "blue")])).await?;
        self.copy_is("settings", &[("colour", "blue")]).await?;

        self.say("change it there", "colour: green, size: large");
        self.merge(&self.virtual_, "settings", json!({ "colour": "green", "size": "large" })).await?;
        self.copy_is("settings", &[("colour", "green"), ("size", "large")]).await?;

        self.say("somebody changes the copy", "colour: red");
        self.merge(&self.physical, &self.copy("settings"), json!({ "colour": "red" })).await?;
        self.copy_is("settings", &[("colour", "green"), ("size", "large")]).await?;

        self.say("somebody deletes the copy", "it comes back");
        let old = self.physical.get(&self.copy("settings")).await?.metadata.uid;
        self.physical.delete(&self.copy("settings"), &DeleteParams::default()).await?;
        eventually("the copy comes back as a new object", async || {
            Ok::<_, kube::Error>(
                self.physical.get_opt(&self.copy("settings")).await?.is_some_and(|copy| copy.metadata.uid != old),
            )
        })
        .await?;
        self.copy_is("settings", &[("colour", "green"), ("size", "large")]).await?;

        self.say("create ConfigMap default/scratch in the virtual cluster", "a: b");
        self.virtual_.create(&PostParams::default(), &config_map("scratch", &[("a", "b")])).await?;
        self.copy_is("scratch", &[("a", "b")]).await?;

        self.say("delete it there", "its copy goes too");
        self.virtual_.delete("scratch", &DeleteParams::default()).await?;
        let begun = Instant::now();
        let copy = self.copy("scratch");
        eventually("the copy is gone", async || Ok::<_, kube::Error>(self.physical.get_opt(&copy).await?.is_none()))
            .await?;
        println!("  ok  {}/{copy} is gone (within {} ms)", self.namespace, begun.elapsed().as_millis());
        Ok(())
    }

    fn say(&self, what: &str, detail: &str) {
        println!("\n  >>  {what}: {detail}");
    }

    /// The name of the copy of a ConfigMap of the virtual namespace `default`.
    fn copy(&self, name: &str) -> String {
        format!("{name}-x-default-x-{}", self.cluster)
    }

    async fn merge(&self, api: &Api<ConfigMap>, name: &str, data: Value) -> Result<()> {
        api.patch(name, &PatchParams::default(), &Patch::Merge(json!({ "data": data }))).await?;
        Ok(())
    }

    /// Waits until the copy holds this data and says whose it is, and shows it.
    async fn copy_is(&self, name: &str, expected: &[(&str, &str)]) -> Result<()> {
        let begun = Instant::now();
        let (copy, expected) = (self.copy(name), data(expected));
        eventually(&format!("{copy} holds {expected:?}"), async || {
            let found = self.physical.get_opt(&copy).await?;
            Ok::<_, kube::Error>(
                found.is_some_and(|found| found.data.as_ref() == Some(&expected) && is_copy(&found, name)),
            )
        })
        .await?;
        let held: Vec<_> = expected.iter().map(|(key, value)| format!("{key}: {value}")).collect();
        println!(
            "  ok  {}/{copy} holds {} (within {} ms)",
            self.namespace,
            held.join(", "),
            begun.elapsed().as_millis()
        );
        Ok(())
    }
}

/// Whether it says that it is the copy of this ConfigMap of the virtual namespace `default`.
fn is_copy(copy: &ConfigMap, name: &str) -> bool {
    let says = |key: &str, value: &str| {
        copy.metadata.annotations.as_ref().is_some_and(|all| all.get(key).is_some_and(|found| found == value))
    };
    says("vcluster.loft.sh/object-name", name) && says("vcluster.loft.sh/object-namespace", "default")
}

fn config_map(name: &str, pairs: &[(&str, &str)]) -> ConfigMap {
    let mut config_map = ConfigMap { data: Some(data(pairs)), ..ConfigMap::default() };
    config_map.metadata.name = Some(name.into());
    config_map
}

fn data(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
}
