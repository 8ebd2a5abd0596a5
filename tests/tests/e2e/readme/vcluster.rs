//! A vCluster that was created with a `plugin.yaml`.

use super::image::Images;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sluice_tests::{Lab, artifacts, folder::Folder};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// vCluster's own code for its plugins; it ends when this is dropped.
pub(super) struct VCluster {
    requests: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    log: PathBuf,
    _process: Child,
    _folder: Folder,
}

impl VCluster {
    /// With the plugins of this file of values, each copied out of its image, and leading.
    pub(super) async fn create(lab: &Lab, images: &Images, name: &str, namespace: &str, values: &Path) -> Result<Self> {
        let values: Value = serde_saphyr::from_str(&fs::read_to_string(values)?)?;
        let (folder, mut config) = (Folder::new("sluice-vcluster-")?, json!({}));
        fs::create_dir(folder.path().join("plugins"))?;
        for (key, plugin) in values["plugins"].as_object().context("no plugins")? {
            let image = plugin["image"].as_str().context("no image")?;
            // As its init container does.
            let (from, to) = (images.plugin(image)?, folder.path().join("plugins").join(key));
            let copied = Command::new("cp").arg("-r").args([from, to]).status().await?;
            ensure!(copied.success(), "cannot copy {image}");
            config[key] = plugin["config"].clone();
        }
        let log = folder.path().join("log");
        let mut command = Command::new(artifacts::tool("vcluster")?);
        command.env("TMPDIR", folder.path()).env("SLUICE_COMPILED", artifacts::compiled()?);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(File::create(&log)?).kill_on_drop(true);
        let mut process = command.spawn()?;
        let requests = process.stdin.take().context("no standard input")?;
        let answers = BufReader::new(process.stdout.take().context("no standard output")?).lines();
        let plugins = folder.path().join("plugins");
        let mut vcluster = Self { requests, answers, log, _process: process, _folder: folder };
        vcluster
            .does(json!({
                "do": "start", "name": name, "namespace": namespace, "folder": plugins, "config": config,
                "virtual": lab.virtual_plane.kubeconfig("sluice"), "physical": lab.physical_plane.kubeconfig("sluice"),
            }))
            .await?;
        vcluster.does(json!({ "do": "lead" })).await?;
        Ok(vcluster)
    }

    /// Ends it and its plugins.
    pub(super) async fn end(&mut self) -> Result<()> {
        self.does(json!({ "do": "stop" })).await
    }

    /// What vCluster logs.
    pub(super) fn logs(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    async fn does(&mut self, request: Value) -> Result<()> {
        self.requests.write_all(format!("{request}\n").as_bytes()).await?;
        let answer = self.answers.next_line().await?.with_context(|| format!("it ended:\n{}", self.logs()))?;
        let answer: Value = serde_json::from_str(&answer)?;
        ensure!(answer.get("error").is_none(), "{request}: {answer}\n{}", self.logs());
        Ok(())
    }
}
