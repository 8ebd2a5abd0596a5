//! `sluice run` with a plugin whose tag moves, in a registry that is not always there.

use super::{
    built, larger,
    registry::{Registry, Wants},
    running::{push, runs, says},
};
use crate::support::{STARTED, Stage, log, stop};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use sluice_tests::{Lab, Sluice, eventually, folder::Folder};
use std::{fs, path::PathBuf};

/// What is kept by whom.
const CONFIGMAPS: (&str, &str) = ("configmaps", "side: virtual, kind: ConfigMap");
const STORAGE: (&str, &str) = ("storage-classes", "side: physical, group: storage.k8s.io, kind: StorageClass");

/// A registry that is looked at each second, and versions of the plugin `configmaps`.
struct Bench {
    registry: Registry,
    folder: Folder,
}

impl Bench {
    async fn new() -> Result<Self> {
        Ok(Self { registry: Registry::start(Wants::Nothing).await?, folder: Folder::new("sluice-tags-")? })
    }

    /// Another version, its file and its bytes.
    fn version(&self, number: u64) -> Result<(PathBuf, Vec<u8>)> {
        let bytes = larger(built("configmaps")?.1, 1000, number);
        let file = self.folder.path().join("configmaps.wasm");
        fs::write(&file, &bytes)?;
        Ok((file, bytes))
    }

    /// Pushes another version under the tag that the config names. Returns its bytes.
    fn push(&self, number: u64) -> Result<Vec<u8>> {
        let (file, bytes) = self.version(number)?;
        push(&file, &self.registry.image("configmaps:1"), &self.registry.at.to_string())?;
        Ok(bytes)
    }

    /// With these plugins, by tags.
    fn config(&self, plugins: &[(&str, &str)]) -> String {
        let plugin = |(name, kind): &(&str, &str)| {
            let image = self.registry.image(&format!("{name}:1"));
            format!("\n  {name}: {{ image: {image}, grants: [{{ {kind}, verbs: [sync] }}] }}")
        };
        let plugins: String = plugins.iter().map(plugin).collect();
        format!("registries: {{ insecure: ['{}'], pollSeconds: 1 }}\nplugins:{plugins}", self.registry.at)
    }

    async fn start(&self, test_name: &str, plugins: &[(&str, &str)]) -> Result<(Stage, Sluice)> {
        let (file, _) = built("storage-classes")?;
        push(&file, &self.registry.image("storage-classes:1"), &self.registry.at.to_string())?;
        let stage = Stage::with_plugins(Lab::take(test_name).await?, &[], &self.config(plugins))?;
        let mut sluice = stage.launch_as_is(&["--log-level", "debug"])?;
        sluice.wait_for_line(STARTED).await?;
        Ok((stage, sluice))
    }
}

/// Lines of the log with this message.
fn said(sluice: &Sluice, message: &str) -> Vec<Value> {
    log(sluice).into_iter().filter(|line| line["message"] == message).collect()
}

#[tokio::test]
async fn api_a_push_under_the_same_tag_swaps_that_plugin_alone() -> Result<()> {
    let bench = Bench::new().await?;
    let first = bench.push(1)?;
    let (stage, sluice) = bench.start("tag_moves", &[CONFIGMAPS, STORAGE]).await?;
    runs(&sluice, "configmaps", &first).await?;
    let (object, _) = stage.pair(json!({ "metadata": { "name": "shop" }, "data": { "colour": "red" } })).await?;

    let next = bench.push(2)?;
    runs(&sluice, "configmaps", &next).await?;
    says(&sluice, "configmaps", "swapped").await?;
    let object = stage.change(&object, json!({ "data": { "colour": "green" } })).await?;
    stage.copied(&object).await?;
    eventually("both syncers are in step, and one once more", async || said(&sluice, "in step").len() == 3).await?;
    let of =
        |message: &str, field: &str, of: &str| said(&sluice, message).iter().filter(|line| line[field] == of).count();
    assert_eq!(of("in step", "syncer", "configmaps/configmaps"), 2);
    assert_eq!(of("in step", "syncer", "storage-classes/storage-classes"), 1);
    assert_eq!((of("swapped", "plugin", "configmaps"), said(&sluice, "swapped").len()), (1, 1));
    stop(sluice).await?;
    Ok(())
}

#[tokio::test]
async fn api_a_plugin_goes_on_while_its_registry_is_down_and_is_swapped_when_it_is_back() -> Result<()> {
    const DOWN: &str = "nobody says whether there is a newer image; the plugin goes on";
    const BACK: &str = "its registry says again what its tag means";
    let mut bench = Bench::new().await?;
    bench.push(1)?;
    let (stage, sluice) = bench.start("registry_down", &[CONFIGMAPS, STORAGE]).await?;
    let (object, _) = stage.pair(json!({ "metadata": { "name": "shop" }, "data": { "colour": "red" } })).await?;

    bench.registry.goes_down();
    let told = says(&sluice, "configmaps", DOWN).await?;
    assert_eq!((&told["level"], &told["image"]), (&json!("WARN"), &json!(bench.registry.image("configmaps:1"))));
    ensure!(told["error"].as_str().is_some_and(|error| error.contains("no answer from 127.0.0.1")), "{told}");
    let object = stage.change(&object, json!({ "data": { "colour": "green" } })).await?;
    stage.copied(&object).await?;
    assert!(said(&sluice, "swapped").is_empty());

    bench.registry.comes_back().await?;
    let next = bench.push(2)?;
    runs(&sluice, "configmaps", &next).await?;
    says(&sluice, "configmaps", "swapped").await?;
    // Both are told of each plugin, and once.
    for message in [DOWN, BACK] {
        says(&sluice, "storage-classes", message).await?;
        assert_eq!(said(&sluice, message).len(), 2, "{message}");
    }
    let object = stage.change(&object, json!({ "data": { "colour": "blue" } })).await?;
    stage.copied(&object).await?;
    stop(sluice).await?;
    Ok(())
}

#[tokio::test]
async fn api_an_image_that_is_missing_is_had_as_soon_as_it_is_pushed() -> Result<()> {
    let bench = Bench::new().await?;
    let (stage, sluice) = bench.start("tag_missing", &[STORAGE]).await?;
    stage.configure(&bench.config(&[CONFIGMAPS, STORAGE]))?;
    let told = says(&sluice, "configmaps", "refused, and not run: ").await?;
    ensure!(told["message"].as_str().is_some_and(|said| said.contains("has no such manifest (404")), "{told}");
    let object = stage.create(json!({ "metadata": { "name": "shop" }, "data": { "colour": "red" } })).await?;

    let bytes = bench.push(1)?;
    runs(&sluice, "configmaps", &bytes).await?;
    stage.copied(&object).await?;
    stop(sluice).await?;
    Ok(())
}
