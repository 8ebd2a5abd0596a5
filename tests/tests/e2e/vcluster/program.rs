//! A vCluster with its plugins.

use crate::support::Stage;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use sluice_tests::{artifacts, eventually, folder::Folder, granted};
use std::{
    fs::{self, File},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Stdio,
    sync::atomic::{AtomicU32, Ordering},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

/// The program `vcluster` of `tests/tools`. It ends when this is dropped, and when our own process ends: its standard
/// input does.
pub(crate) struct VCluster {
    child: Child,
    requests: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    /// What vCluster logs.
    log: PathBuf,
    /// Its `/plugins`, and where its plugins make their sockets.
    pub(crate) folder: Folder,
}

impl VCluster {
    /// Runs it. It has one plugin, `sluice`, with the stage's components beside it. Nothing is started yet.
    pub(crate) fn run(stage: &Stage) -> Result<Self> {
        let folder = Folder::new("sluice-vcluster-")?;
        let plugin = folder.path().join("plugins/sluice");
        fs::create_dir_all(&plugin)?;
        fs::create_dir(folder.path().join("tmp"))?;
        symlink(artifacts::sluice()?, plugin.join("plugin"))?;
        symlink(stage.plugin_folder(), plugin.join("plugins"))?;
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let log = format!("vcluster-{}.stderr", COUNT.fetch_add(1, Ordering::Relaxed));
        let log = stage.lab.virtual_plane.dir().join(log);

        let mut command = Command::new(artifacts::tool("vcluster")?);
        command.env("TMPDIR", folder.path().join("tmp")).env("SLUICE_COMPILED", artifacts::compiled()?);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(File::create(&log)?).kill_on_drop(true);
        let mut child = command.spawn().context("cannot start vcluster")?;
        let requests = child.stdin.take().context("no standard input")?;
        let answers = BufReader::new(child.stdout.take().context("no standard output")?).lines();
        Ok(Self { child, requests, answers, log, folder })
    }

    /// Starts the plugin as the stage's virtual cluster would, with the stage's config, leave for what its components
    /// register, and this besides.
    pub(crate) async fn start(&mut self, stage: &Stage, more: Value) -> Result<()> {
        let answer = self.try_start(stage, more).await?;
        ensure!(answer.get("error").is_none(), "{answer}; the log:\n{}", self.logs());
        Ok(())
    }

    /// The same, giving vCluster's answer.
    pub(crate) async fn try_start(&mut self, stage: &Stage, more: Value) -> Result<Value> {
        let config = granted(stage.plugin_folder(), &fs::read_to_string(stage.config_file())?)?;
        let mut config: Value = serde_saphyr::from_str::<Option<Value>>(&config)?.unwrap_or_else(|| json!({}));
        for (key, value) in more.as_object().into_iter().flatten() {
            config[key] = value.clone();
        }
        let lab = &stage.lab;
        self.ask(json!({
            "do": "start", "name": lab.name, "namespace": lab.target_namespace,
            "folder": self.folder.path().join("plugins"), "config": { "sluice": config },
            "virtual": lab.virtual_plane.kubeconfig(lab.user), "physical": lab.physical_plane.kubeconfig(lab.user),
        }))
        .await
    }

    /// Has it do something. Gives its answer, which has an `error` if that went wrong.
    pub(crate) async fn ask(&mut self, request: Value) -> Result<Value> {
        self.requests.write_all(format!("{request}\n").as_bytes()).await?;
        let line = tokio::time::timeout(std::time::Duration::from_secs(90), self.answers.next_line()).await;
        let line = line.with_context(|| format!("no answer to {request}; the log:\n{}", self.logs()))??;
        let line = line.with_context(|| format!("it ended over {request}; the log:\n{}", self.logs()))?;
        serde_json::from_str(&line).with_context(|| line.clone())
    }

    /// The same where nothing goes wrong.
    pub(crate) async fn does(&mut self, request: Value) -> Result<Value> {
        let answer = self.ask(request.clone()).await?;
        ensure!(answer.get("error").is_none(), "{request}: {answer}; the log:\n{}", self.logs());
        Ok(answer)
    }

    /// An object as vCluster goes on with it after its hooks.
    pub(crate) async fn mutate(&mut self, r#type: &str, object: Value) -> Result<Value> {
        Ok(self.does(json!({ "do": "mutate", "type": r#type, "object": object })).await?["object"].take())
    }

    /// Why a hook does not let an object pass.
    pub(crate) async fn denied(&mut self, r#type: &str, object: Value) -> Result<String> {
        let answer = self.ask(json!({ "do": "mutate", "type": r#type, "object": object })).await?;
        answer["error"].as_str().map(String::from).with_context(|| format!("it passed: {answer}"))
    }

    /// What vCluster shows of its plugins' logs.
    pub(crate) fn logs(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Waits for a line that holds `part`.
    pub(crate) async fn wait_for_line(&self, part: &str) -> Result<String> {
        let what = format!("vCluster's log says {part:?}");
        let found =
            eventually(&what, async || self.logs().lines().find(|line| line.contains(part)).map(String::from)).await;
        found.with_context(|| format!("the log:\n{}", self.logs()))
    }

    /// The number of the plugin's process.
    pub(crate) fn plugin_id(&self) -> Result<u32> {
        let parent = self.child.id().context("vcluster has ended")?;
        for process in fs::read_dir("/proc")? {
            let path = process?.path();
            let Some(id) = path.file_name().and_then(|name| name.to_str()?.parse().ok()) else { continue };
            let status = fs::read_to_string(path.join("status")).unwrap_or_default();
            if status.lines().any(|line| line.split_whitespace().eq(["PPid:", &parent.to_string()])) {
                return Ok(id);
            }
        }
        bail!("vcluster has no plugin")
    }

    /// What is left of the plugin's sockets.
    pub(crate) fn sockets(&self) -> Result<usize> {
        Ok(fs::read_dir(self.folder.path().join("tmp"))?.count())
    }

    /// Kills vCluster: no chance to tell its plugins. Gives its folder, and its log.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }
}

/// Whether there is a process of this number that still runs.
pub(crate) fn runs(id: u32) -> bool {
    let status = fs::read_to_string(Path::new("/proc").join(id.to_string()).join("status")).unwrap_or_default();
    status.lines().any(|line| line.starts_with("State:") && !line.contains('Z'))
}
