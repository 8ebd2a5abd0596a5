//! `sluice run` with clusters that it cannot use.

use super::{Ran, run::Given};
use anyhow::{Context, Result};
use serde_json::Value;
use sluice_tests::{Lab, eventually, folder::Folder, plugins_dir, process::Process};
use std::{
    fs::{self, File},
    net::TcpListener,
    process::Stdio,
};

/// Nobody answers there.
const UNREACHABLE: &str = r#"{
    "current-context": "c",
    "contexts": [{ "name": "c", "context": { "cluster": "k", "user": "u" } }],
    "clusters": [{ "name": "k", "cluster": { "server": "https://127.0.0.1:1" } }],
    "users": [{ "name": "u", "user": { "token": "t" } }]
}"#;

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
            let ran = Given { virtual_kubeconfig, physical_kubeconfig, namespace, plugins, config: None }.run().await?;
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
        let mut given = Given::lab(&lab, folder.path())?;
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

/// Rights may come later, so it waits for them.
#[tokio::test]
async fn cli_run_tells_what_its_user_may_not_do() -> Result<()> {
    let lab = Lab::take("cli_rights").await?;
    let (plugins, output) = (plugins_dir(&["configmaps"])?, Folder::new("sluice-output-")?);
    let place = format!("in the namespace '{}'", lab.target_namespace);
    for (side, lacking) in [("virtual", "at the cluster scope"), ("physical", &*place)] {
        let mut given = Given::lab(&lab, plugins.path())?;
        match side {
            "virtual" => given.virtual_kubeconfig = lab.virtual_plane.kubeconfig("nobody"),
            _ => given.physical_kubeconfig = lab.physical_plane.kubeconfig("nobody"),
        }
        let log = output.path().join(side);
        let mut process = Process::start(given.command("warn")?.stdout(Stdio::null()).stderr(File::create(&log)?))?;
        let told = format!(
            " WARN the watch fails and is tried again side={side} kind=v1 ConfigMap why=\"configmaps is forbidden: \
             User 'nobody' cannot list resource 'configmaps' in API group '' {lacking}\""
        );
        eventually("it says what it may not do", async || {
            let log = fs::read_to_string(&log).unwrap_or_default().replace("\\\"", "'");
            if log.contains(&told) { Ok(()) } else { Err(log) }
        })
        .await?;
        assert!(process.ended()?.is_none());
    }
    Ok(())
}
