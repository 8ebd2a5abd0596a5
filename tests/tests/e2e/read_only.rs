//! As in a container whose root is read-only, with one folder to write to.

use crate::support::{Stage, blue, started};
use anyhow::{Result, ensure};
use serde_json::json;
use sluice_tests::{artifacts, folder::Folder, process::Process};
use std::{
    fs::{self, File},
    process::Command,
};

/// In a namespace of mounts of its own: nothing can be written but below the first argument. Then the rest is run.
const CONTAINER: &str = r#"mount -o remount,bind,ro / && mount -t tmpfs none "$1" && shift && exec "$@""#;

fn contained(writable: &str) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", CONTAINER, "sh", writable]);
    command
}

#[tokio::test]
#[allow(clippy::print_stderr, reason = "says what it needs")]
async fn api_it_runs_with_a_read_only_root_and_no_rights() -> Result<()> {
    let cache = Folder::new("sluice-writable-")?;
    let writable = cache.path().display().to_string();
    if !contained(&writable).arg("true").output().is_ok_and(|tried| tried.status.success()) {
        eprintln!("not run: it needs unshare of util-linux, and user namespaces that anybody may make");
        return Ok(());
    }
    let probe = contained(&writable).args(["sh", "-c", "touch /sluice-test"]).output()?;
    ensure!(!probe.status.success(), "the root can be written to");

    let stage = Stage::take("read_only").await?;
    stage.configure("plugins: { configmaps: { grants: [{ side: virtual, kind: ConfigMap, verbs: [sync] }] } }")?;
    // Beside what the container has mounted there.
    let (lab, log) = (&stage.lab, cache.path().join("log"));
    let mut sluice = contained(&writable);
    // Nor is there a right that root has elsewhere.
    sluice.args(["setpriv", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"]).arg(artifacts::sluice()?);
    sluice.args(["run", "--name", &lab.name, "--namespace", &lab.target_namespace, "--admin", "127.0.0.1:0"]);
    sluice.arg("--virtual-kubeconfig").arg(lab.virtual_plane.kubeconfig("sluice"));
    sluice.arg("--physical-kubeconfig").arg(lab.physical_plane.kubeconfig("sluice"));
    sluice.arg("--plugins").arg(stage.plugin_folder()).arg("--config").arg(stage.config_file());
    sluice.args(["--compiled", &format!("{writable}/compiled"), "--log-format", "json"]).stderr(File::create(&log)?);
    let mut process = Process::start(&mut sluice)?;
    started(&mut process, &log).await?;
    let (object, _) = stage.pair(blue("a")).await?;
    let changed = stage.change(&object, json!({ "data": { "colour": "red" } })).await?;
    stage.copied(&changed).await?;
    ensure!(process.terminate().await?.success(), "{}", fs::read_to_string(&log)?);
    Ok(())
}
