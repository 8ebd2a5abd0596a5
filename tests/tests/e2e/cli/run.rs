//! `sluice run` with what it cannot run with: one message that names the file, the field and the way out.

use super::{Ran, files};
use anyhow::{Context, Result};
use sluice_tests::{Lab, artifacts, eventually_within, folder::Folder, granted, plugins_dir, process::Process};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// What `sluice run` is given.
pub(super) struct Given {
    pub(super) virtual_kubeconfig: PathBuf,
    pub(super) physical_kubeconfig: PathBuf,
    pub(super) namespace: String,
    pub(super) plugins: PathBuf,
    /// Leave for the plugins to do what they are there for.
    pub(super) config: Option<Folder>,
}

impl Given {
    /// All that it needs, but for the plugins.
    pub(super) fn lab(lab: &Lab, plugins: &Path) -> Result<Self> {
        let config = Folder::new("sluice-config-")?;
        fs::write(config.path().join("sluice.yaml"), granted(plugins, "")?)?;
        Ok(Self {
            virtual_kubeconfig: lab.virtual_plane.kubeconfig("sluice"),
            physical_kubeconfig: lab.physical_plane.kubeconfig("sluice"),
            namespace: lab.target_namespace.clone(),
            plugins: plugins.into(),
            config: Some(config),
        })
    }

    pub(super) fn command(&self, log_level: &str) -> Result<Command> {
        let mut command = Command::new(artifacts::sluice()?);
        command.args(["run", "--name", "my-vcluster", "--namespace", &self.namespace, "--log-level", log_level]);
        command.arg("--virtual-kubeconfig").arg(&self.virtual_kubeconfig);
        command.arg("--physical-kubeconfig").arg(&self.physical_kubeconfig);
        command.arg("--plugins").arg(&self.plugins).env("SLUICE_COMPILED", artifacts::compiled()?);
        if let Some(config) = &self.config {
            command.arg("--config").arg(config.path().join("sluice.yaml"));
        }
        Ok(command)
    }

    /// Runs until it ends by itself, which has to be soon.
    pub(super) async fn run(&self) -> Result<Ran> {
        let output = Folder::new("sluice-output-")?;
        let [stdout, stderr] = ["stdout", "stderr"].map(|name| output.path().join(name));
        let mut command = self.command("error")?;
        let mut process = Process::start(command.stdout(File::create(&stdout)?).stderr(File::create(&stderr)?))?;
        let ended = async || process.ended().ok().flatten();
        let status = eventually_within(Duration::from_secs(30), "sluice gives up", ended).await?;
        let code = status.code().context("it was killed")?;
        Ok(Ran { code, stdout: fs::read_to_string(stdout)?, stderr: fs::read_to_string(stderr)? })
    }
}

#[tokio::test]
async fn cli_run_wants_a_target_namespace_that_exists() -> Result<()> {
    let lab = Lab::take("cli_namespace").await?;
    let plugins = plugins_dir(&["configmaps"])?;
    let given = |namespace: &str| -> Result<Given> {
        Ok(Given { namespace: namespace.into(), ..Given::lab(&lab, plugins.path())? })
    };
    let message =
        "physical cluster: namespace `missing` does not exist; make it with `kubectl create namespace missing`";
    assert_eq!(given("missing")?.run().await?, Ran::failed(message));
    let message = "target namespace \"Missing\" is not a name that Kubernetes takes: lower-case letters, digits and '-', \
                   at most 63, beginning and ending with a letter or digit";
    assert_eq!(given("Missing")?.run().await?, Ran::failed(message));
    Ok(())
}

#[tokio::test]
async fn cli_run_says_what_is_wrong_with_the_plugins() -> Result<()> {
    let lab = Lab::take("cli_plugins").await?;
    let given = |plugins: &Path| Given::lab(&lab, plugins);
    let folder = Folder::new("sluice-plugins-")?;
    let path = folder.path();
    let missing = path.join("missing");
    let message = format!(
        "plugin folder {}: it does not exist; make it and put compiled plugins (*.wasm) there",
        missing.display()
    );
    assert_eq!(given(&missing)?.run().await?, Ran::failed(&message));

    let way_out = "build the plugins for wasm32-wasip2 and put their *.wasm files there";
    let message = format!("plugin folder {}: it is empty; {way_out}", path.display());
    assert_eq!(given(path)?.run().await?, Ran::failed(&message));
    fs::write(path.join("README.md"), "")?;
    let message = format!("plugin folder {}: no *.wasm file in it, but README.md; {way_out}", path.display());
    assert_eq!(given(path)?.run().await?, Ran::failed(&message));
    let file = path.join("README.md");
    let message =
        format!("plugin folder {}: it is not a folder; name the one that the *.wasm files are in", file.display());
    assert_eq!(given(&file)?.run().await?, Ran::failed(&message));

    let twice = plugins_dir(&["configmaps"])?;
    fs::copy(twice.path().join("configmaps.wasm"), twice.path().join("also.wasm"))?;
    let message = "plugins \"also/configmaps\" and \"configmaps/configmaps\" both keep every v1 ConfigMap in step; \
                   remove one of them, or let each take its own namespaces or labels, or they would write over each other";
    assert_eq!(given(twice.path())?.run().await?, Ran::failed(message));
    Ok(())
}

#[tokio::test]
async fn cli_run_says_why_a_file_is_no_plugin() -> Result<()> {
    let lab = Lab::take("cli_wrong_files").await?;
    for wrong in files::wrong()? {
        // A good plugin beside it does not start either: there is no half a folder.
        let folder = plugins_dir(&["configmaps"])?;
        let given = Given::lab(&lab, folder.path())?;
        let file = wrong.put(&folder)?;
        let ran = given.run().await?;
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.lines().count()), (1, "", 1), "{}", ran.stderr);
        let start = format!("error: {}: {}", file.display(), wrong.said);
        assert!(ran.stderr.starts_with(&start), "{}: {}", wrong.name, ran.stderr);
        assert!(ran.stderr.trim_end().ends_with(wrong.way_out), "{}: {}", wrong.name, ran.stderr);
    }
    Ok(())
}
