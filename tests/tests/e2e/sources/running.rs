//! `sluice run` with plugins from ConfigMaps and from a registry.

use super::{
    built,
    config_maps::bundle,
    larger, plugin,
    registry::{Registry, Wants},
};
use crate::support::{STARTED, Stage, log, stop};
use anyhow::{Context, Result, ensure};
use k8s_openapi::{ByteString, api::core::v1::ConfigMap};
use kube::{
    ResourceExt,
    api::{Patch, PatchParams},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sluice_tests::{Lab, Sluice, eventually, folder::Folder};
use std::{fs, net::TcpListener, path::Path};

const CONFIGMAPS: &str = "{ grants: [{ side: virtual, kind: ConfigMap, verbs: [sync] }] }";
const STORAGE: &str = "{ grants: [{ side: physical, group: storage.k8s.io, kind: StorageClass, verbs: [sync] }] }";

/// Starts the runtime, which looks for plugins in the ConfigMaps of the target namespace too.
async fn start(stage: &Stage) -> Result<Sluice> {
    let args = ["--log-level", "debug", "--config-maps", &stage.lab.target_namespace];
    let mut sluice = stage.launch_as_is(&args)?;
    sluice.wait_for_line(STARTED).await?;
    Ok(sluice)
}

/// The ConfigMaps of the plugin `configmaps` with so many bytes more.
fn version(folder: &Folder, bytes: usize, seed: u64) -> Result<Vec<ConfigMap>> {
    let file = folder.path().join("configmaps.wasm");
    fs::write(&file, larger(built("configmaps")?.1, bytes, seed))?;
    bundle(&file, &[])
}

/// As `kubectl apply --server-side` does.
async fn apply(stage: &Stage, parts: &[ConfigMap]) -> Result<()> {
    let params = PatchParams::apply("kubectl").force();
    for part in parts {
        stage.physical_maps().patch(&part.name_any(), &params, &Patch::Apply(part)).await?;
    }
    Ok(())
}

/// Waits until it says this of a plugin, in a message that holds this.
pub(super) async fn says(sluice: &Sluice, plugin: &str, part: &str) -> Result<Value> {
    eventually(&format!("it says {part:?} of {plugin}"), async || {
        let about =
            |line: &Value| line["plugin"] == plugin && line["message"].as_str().is_some_and(|it| it.contains(part));
        log(sluice).into_iter().rfind(about)
    })
    .await
}

/// The digest of the version of a plugin that runs, as it was last said.
pub(super) async fn runs(sluice: &Sluice, plugin: &str, bytes: &[u8]) -> Result<()> {
    let digest = format!("{:x}", Sha256::digest(bytes));
    eventually(&format!("{plugin} runs as {digest}"), async || {
        let loaded = |line: &Value| line["message"] == "loaded plugin" && line["plugin"] == plugin;
        log(sluice).into_iter().rfind(loaded).is_some_and(|line| line["digest"] == *digest)
    })
    .await
}

#[tokio::test]
async fn api_a_plugin_in_many_config_maps_is_swapped_once_they_are_whole() -> Result<()> {
    let config = format!("plugins: {{ configmaps: {CONFIGMAPS} }}");
    let stage = Stage::with_plugins(Lab::take("bundles").await?, &[], &config)?;
    let folder = Folder::new("sluice-bundles-")?;
    let first = version(&folder, 3_000_000, 1)?;
    ensure!(first.len() > 17, "{} parts", first.len());
    apply(&stage, &first).await?;
    let sluice = start(&stage).await?;
    let object = stage.create(json!({ "metadata": { "name": "shop" }, "data": { "colour": "red" } })).await?;
    stage.copied(&object).await?;

    // Half of the next version is no version.
    let next = version(&folder, 3_000_000, 2)?;
    let (half, rest) = next.split_at(next.len() / 2);
    apply(&stage, half).await?;
    let said = says(&sluice, "configmaps", "refused, and its former version goes on: ").await?;
    let message = said["message"].as_str().unwrap_or_default();
    assert!(message.contains("it is of another version, or cut another way, than "), "{message}");
    let object = stage.change(&object, json!({ "data": { "colour": "blue" } })).await?;
    stage.copied(&object).await?;
    apply(&stage, rest).await?;
    says(&sluice, "configmaps", "swapped").await?;
    let bytes = fs::read(folder.path().join("configmaps.wasm"))?;
    runs(&sluice, "configmaps", &bytes).await?;

    // Nor is one that lost a part.
    stage.delete_below(&next[2].name_any()).await?;
    let lost = format!("of its {} parts there is no 3;", next.len());
    says(&sluice, "configmaps", &lost).await?;
    let object = stage.change(&object, json!({ "data": { "colour": "green" } })).await?;
    stage.copied(&object).await?;
    stop(sluice).await?;
    Ok(())
}

#[tokio::test]
async fn api_a_start_goes_on_without_a_plugin_that_is_broken_elsewhere() -> Result<()> {
    let nowhere = "gone: { image: '127.0.0.1:1/gone:1' }";
    let config = format!("plugins: {{ configmaps: {CONFIGMAPS}, storage-classes: {STORAGE}, {nowhere} }}");
    let stage = Stage::with_plugins(Lab::take("broken_elsewhere").await?, &["storage-classes"], &config)?;
    let folder = Folder::new("sluice-bundles-")?;
    let parts = version(&folder, 3_000_000, 1)?;
    let (half, rest) = parts.split_at(parts.len() / 2);
    apply(&stage, half).await?;
    let object = stage.create(json!({ "metadata": { "name": "shop" }, "data": { "colour": "red" } })).await?;

    let sluice = start(&stage).await?;
    let (_, storage) = built("storage-classes")?;
    runs(&sluice, "storage-classes", &storage).await?;
    says(&sluice, "configmaps", "refused, and not run: ").await?;
    says(&sluice, "gone", "refused, and not run: ").await?;
    apply(&stage, rest).await?;
    stage.copied(&object).await?;
    stop(sluice).await?;
    Ok(())
}

#[tokio::test]
async fn api_a_registry_that_never_answers_keeps_nothing_waiting() -> Result<()> {
    // It takes connections in, and that is all.
    let silent = TcpListener::bind("127.0.0.1:0")?;
    let at = silent.local_addr()?;
    let config = format!(
        "registries: {{ insecure: ['{at}'] }}\nplugins: {{ configmaps: {CONFIGMAPS}, silent: {{ image: '{at}/silent:1' }} }}"
    );
    let stage = Stage::with_plugins(Lab::take("silent_registry").await?, &["configmaps"], &config)?;
    let sluice = start(&stage).await?;
    let told = says(&sluice, "silent", "refused, and not run: ").await?;
    let message = told["message"].as_str().unwrap_or_default();
    ensure!(message.contains("is still being pulled; its plugin runs when it is here"), "{message}");
    ensure!(!sluice.logs().contains("not within"), "the start waited for the registry: {}", sluice.logs());
    let object = stage.create(json!({ "metadata": { "name": "shop" }, "data": { "colour": "red" } })).await?;
    stage.copied(&object).await?;
    stop(sluice).await?;
    Ok(())
}

#[tokio::test]
async fn api_what_a_tenant_labels_is_no_plugin() -> Result<()> {
    let config = format!("plugins: {{ configmaps: {CONFIGMAPS}, evil: {STORAGE}, storage-classes: {STORAGE} }}");
    let stage = Stage::with_plugins(Lab::take("tenants_plugin").await?, &["configmaps"], &config)?;
    let sluice = start(&stage).await?;
    // All that the operator's have: label, key and a component that would run.
    let (file, bytes) = built("storage-classes")?;
    let mut evil = ConfigMap::default();
    evil.metadata.name = Some("evil".into());
    evil.metadata.labels = Some([("sluice.dev/plugin".into(), "evil".into())].into());
    evil.binary_data = Some([("plugin.wasm".into(), ByteString(bytes))].into());
    let object = stage.create(serde_json::to_value(evil)?).await?;
    let copy = stage.copied(&object).await?;
    assert_eq!(copy.labels().get("sluice.dev/plugin").map(String::as_str), Some("evil"));

    // What the operator puts there later is looked at, and by then that was too.
    apply(&stage, &bundle(&file, &[])?).await?;
    runs(&sluice, "storage-classes", &fs::read(&file)?).await?;
    let about_evil = log(&sluice).into_iter().filter(|line| line["plugin"] == "evil");
    let told: Vec<_> =
        about_evil.filter(|line| line["message"] != "it is configured, and there is no such plugin").collect();
    assert!(told.is_empty(), "{told:?}");
    stop(sluice).await?;
    Ok(())
}

/// What pins an image in the config, as `sluice plugin push` prints it.
pub(super) fn push(file: &Path, image: &str, at: &str) -> Result<(String, String)> {
    let ran = plugin(&["push", &file.display().to_string(), image, "--insecure", at])?;
    ensure!(ran.code == 0, "{}", ran.stderr);
    let mut lines = ran.stdout.lines();
    let mut value = |name: &str| lines.next().and_then(|line| line.strip_prefix(name)).map(Into::into);
    Ok((value("image: ").context("no image")?, value("digest: ").context("no digest")?))
}

#[tokio::test]
async fn api_a_plugin_from_a_registry_runs_and_is_swapped_for_another_image() -> Result<()> {
    let registry = Registry::start(Wants::Nothing).await?;
    let at = registry.at.to_string();
    let folder = Folder::new("sluice-images-")?;
    let (file, first) = built("configmaps")?;
    let next = folder.path().join("next.wasm");
    fs::write(&next, larger(first.clone(), 1000, 1))?;
    let (image, digest) = push(&file, &registry.image("plugins/configmaps:1"), &at)?;
    let config = |image: &str, digest: &str| {
        format!(
            "registries: {{ insecure: ['{at}'] }}\nplugins:\n  configmaps:\n    image: {image}\n    digest: {digest}\n    \
             grants: [{{ side: virtual, kind: ConfigMap, verbs: [sync] }}]"
        )
    };
    let stage = Stage::with_plugins(Lab::take("image").await?, &[], &config(&image, &digest))?;
    let sluice = start(&stage).await?;
    runs(&sluice, "configmaps", &first).await?;
    let object = stage.create(json!({ "metadata": { "name": "shop" }, "data": { "colour": "red" } })).await?;
    stage.copied(&object).await?;

    let missing = registry.image("plugins/configmaps:2");
    stage.configure(&config(&missing, &digest))?;
    let said = says(&sluice, "configmaps", "refused, and its former version goes on: ").await?;
    let message = said["message"].as_str().unwrap_or_default();
    assert!(message.contains(&format!("image {missing}: 127.0.0.1 has no such manifest (404")), "{message}");

    let (image, digest) = push(&next, &missing, &at)?;
    stage.configure(&config(&image, &digest))?;
    says(&sluice, "configmaps", "swapped").await?;
    runs(&sluice, "configmaps", &fs::read(&next)?).await?;
    let object = stage.change(&object, json!({ "data": { "colour": "green" } })).await?;
    stage.copied(&object).await?;
    stop(sluice).await?;
    Ok(())
}
