//! `sluice run` with what it cannot run with: one message that names the file, the field and the way out.

use super::{Ran, files};
use anyhow::{Context, Result};
use serde_json::Value;
use sluice_tests::{Lab, artifacts, eventually_within, folder::Folder, plugins_dir, process::Process};
use std::{
    fs::{self, File},
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// Nobody answers there.
const UNREACHABLE: &str = r#"{
    "current-context": "c",
    "contexts": [{ "name": "c", "context": { "cluster": "k", "user": "u" } }],
    "clusters": [{ "name": "k", "cluster": { "server": "https://127.0.0.1:1" } }],
    "users": [{ "name": "u", "user": { "token": "t" } }]
}"#;

/// What `sluice run` is given.
struct Given {
    virtual_kubeconfig: PathBuf,
    physical_kubeconfig: PathBuf,
    namespace: String,
    plugins: PathBuf,
}

impl Given {
    /// All that it needs, but for the plugins.
    fn lab(lab: &Lab, plugins: &Path) -> Self {
        Self {
            virtual_kubeconfig: lab.virtual_plane.kubeconfig("sluice"),
            physical_kubeconfig: lab.physical_plane.kubeconfig("sluice"),
            namespace: lab.target_namespace.clone(),
            plugins: plugins.into(),
        }
    }

    /// Runs until it ends by itself, which has to be soon.
    async fn run(&self) -> Result<Ran> {
        let output = Folder::new("sluice-output-")?;
        let [stdout, stderr] = ["stdout", "stderr"].map(|name| output.path().join(name));
        let mut command = Command::new(artifacts::sluice()?);
        command.args(["run", "--name", "my-vcluster", "--log-level", "error", "--namespace", &self.namespace]);
        command.arg("--virtual-kubeconfig").arg(&self.virtual_kubeconfig);
        command.arg("--physical-kubeconfig").arg(&self.physical_kubeconfig);
        command.arg("--plugins").arg(&self.plugins);
        let mut process = Process::start(command.stdout(File::create(&stdout)?).stderr(File::create(&stderr)?))?;
        let ended = async || process.ended().ok().flatten();
        let status = eventually_within(Duration::from_secs(30), "sluice gives up", ended).await?;
        let code = status.code().context("it was killed")?;
        Ok(Ran { code, stdout: fs::read_to_string(stdout)?, stderr: fs::read_to_string(stderr)? })
    }
}

#[tokio::test]
async fn cli_run_names_the_kubeconfig_and_the_field_that_is_wrong() -> Result<()> {
    let folder = Folder::new("sluice-kubeconfigs-")?;
    let [bad, silent] = ["bad", "silent"].map(|name| folder.path().join(name));
    // The other side never answers, so that it cannot be quicker.
    let listener = TcpListener::bind("127.0.0.1:0")?;
    fs::write(&silent, UNREACHABLE.replace("127.0.0.1:1", &listener.local_addr()?.to_string()))?;

    let no_file = "; name a file that kubectl works with";
    let no_context = "`current-context` is not set; set it with `kubectl config use-context NAME --kubeconfig FILE`";
    for (kubeconfig, message) in [
        (None, format!("cannot be read: No such file or directory (os error 2){no_file}")),
        (Some("[1, 2".to_owned()), format!("not a kubeconfig: line 1 column 1: unclosed bracket '['{no_file}")),
        (Some("users: 3".into()), format!("not a kubeconfig: line 1 column 8: expected sequence start{no_file}")),
        (Some(String::new()), no_context.into()),
        (Some(UNREACHABLE.replace("current-context", "context")), no_context.into()),
        (
            Some(UNREACHABLE.replacen(r#""c""#, r#""d""#, 1)),
            "`current-context`: names `d`, which is not in `contexts`; name one that is".into(),
        ),
        (
            Some(UNREACHABLE.into()),
            "no answer from https://127.0.0.1:1/: Connection refused (os error 111); \
             is it running, and is `clusters[].cluster.server` its address?"
                .into(),
        ),
    ] {
        if let Some(kubeconfig) = kubeconfig {
            fs::write(&bad, kubeconfig)?;
        }
        for (side, [virtual_kubeconfig, physical_kubeconfig]) in
            [("virtual", [&bad, &silent]), ("physical", [&silent, &bad])]
                .map(|(side, files)| (side, files.map(Clone::clone)))
        {
            let (namespace, plugins) = ("ns".into(), folder.path().into());
            let ran = Given { virtual_kubeconfig, physical_kubeconfig, namespace, plugins }.run().await?;
            assert_eq!(ran, Ran::failed(&format!("{side} cluster, kubeconfig {}: {message}", bad.display())));
        }
    }
    Ok(())
}

#[tokio::test]
async fn cli_run_says_whose_credentials_are_refused() -> Result<()> {
    let lab = Lab::take("cli_refused").await?;
    let folder = Folder::new("sluice-kubeconfigs-")?;
    let refused = folder.path().join("refused");
    for side in ["virtual", "physical"] {
        let mut given = Given::lab(&lab, folder.path());
        let kubeconfig = if side == "virtual" { &mut given.virtual_kubeconfig } else { &mut given.physical_kubeconfig };
        let mut content: Value = serde_json::from_slice(&fs::read(&*kubeconfig)?)?;
        content["users"][0]["user"]["token"] = "wrong".into();
        fs::write(&refused, content.to_string())?;
        *kubeconfig = refused.clone();
        let message = format!(
            "{side} cluster, kubeconfig {}: {}/ does not accept the credentials of `users[].user` (401); \
             they are wrong or have expired: get new ones",
            refused.display(),
            content["clusters"][0]["cluster"]["server"].as_str().context("no server")?,
        );
        assert_eq!(given.run().await?, Ran::failed(&message));
    }
    Ok(())
}

#[tokio::test]
async fn cli_run_wants_a_target_namespace_that_exists() -> Result<()> {
    let lab = Lab::take("cli_namespace").await?;
    let plugins = plugins_dir(&["configmaps"])?;
    let given = |namespace: &str| Given { namespace: namespace.into(), ..Given::lab(&lab, plugins.path()) };
    let message =
        "physical cluster: namespace `missing` does not exist; make it with `kubectl create namespace missing`";
    assert_eq!(given("missing").run().await?, Ran::failed(message));
    let message = "target namespace \"Missing\" is not a name that Kubernetes takes: lower-case letters, digits and '-', \
                   at most 63, beginning and ending with a letter or digit";
    assert_eq!(given("Missing").run().await?, Ran::failed(message));
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
    assert_eq!(given(&missing).run().await?, Ran::failed(&message));

    let way_out = "build the plugins for wasm32-wasip2 and put their *.wasm files there";
    let message = format!("plugin folder {}: it is empty; {way_out}", path.display());
    assert_eq!(given(path).run().await?, Ran::failed(&message));
    fs::write(path.join("README.md"), "")?;
    let message = format!("plugin folder {}: no *.wasm file in it, but README.md; {way_out}", path.display());
    assert_eq!(given(path).run().await?, Ran::failed(&message));
    let file = path.join("README.md");
    let message =
        format!("plugin folder {}: it is not a folder; name the one that the *.wasm files are in", file.display());
    assert_eq!(given(&file).run().await?, Ran::failed(&message));

    let twice = plugins_dir(&["configmaps"])?;
    fs::copy(twice.path().join("configmaps.wasm"), twice.path().join("also.wasm"))?;
    let message = "plugins \"also\" and \"configmaps\" both keep every v1 ConfigMap in step; \
                   remove one of them, or they would write over each other";
    assert_eq!(given(twice.path()).run().await?, Ran::failed(message));
    Ok(())
}

#[tokio::test]
async fn cli_run_says_why_a_file_is_no_plugin() -> Result<()> {
    let lab = Lab::take("cli_wrong_files").await?;
    for wrong in files::wrong()? {
        // A good plugin beside it does not start either: there is no half a folder.
        let folder = plugins_dir(&["configmaps"])?;
        let file = wrong.put(&folder)?;
        let ran = Given::lab(&lab, folder.path()).run().await?;
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.lines().count()), (1, "", 1), "{}", ran.stderr);
        let start = format!("error: {}: {}", file.display(), wrong.said);
        assert!(ran.stderr.starts_with(&start), "{}: {}", wrong.name, ran.stderr);
        assert!(ran.stderr.trim_end().ends_with(wrong.way_out), "{}: {}", wrong.name, ran.stderr);
    }
    Ok(())
}
