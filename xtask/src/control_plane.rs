//! A real control plane: `etcd` and `kube-apiserver`, found or built from their Go modules.

use crate::{
    cache::Cache,
    go::Module,
    step::{self, Step},
    workspace::Workspace,
};
use anyhow::{Context, Result, ensure};
use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

const INSTALLED: &str = "/usr/local/kubebuilder/bin";

/// Gives the folder that holds both programs, and links it into the target folder,
/// where a plain `cargo test` finds it without any variable.
pub(crate) fn ensure(workspace: &Workspace, cache: &Cache) -> Result<PathBuf> {
    let dir = find_or_build(workspace, cache)?;
    let link = workspace.target.join("control-plane");
    if fs::read_link(&link).ok().as_ref() != Some(&dir) {
        fs::create_dir_all(&workspace.target)?;
        fs::remove_file(&link).ok();
        symlink(&dir, &link).with_context(|| format!("cannot link {} to the control plane", link.display()))?;
    }
    Ok(dir)
}

fn find_or_build(workspace: &Workspace, cache: &Cache) -> Result<PathBuf> {
    if let Some(dir) = env::var_os("KUBEBUILDER_ASSETS").map(PathBuf::from) {
        ensure!(
            complete(&dir),
            "KUBEBUILDER_ASSETS is {}, which does not hold both etcd and kube-apiserver; correct it, or unset it to have them built",
            dir.display()
        );
        return Ok(found(dir));
    }
    let tools = Tools::read(workspace)?;
    let cached = cache.join(format!("control-plane-{}-etcd-{}", tools.kubernetes, tools.etcd));
    if let Some(dir) = [PathBuf::from(INSTALLED), cached.clone()].into_iter().find(|dir| complete(dir)) {
        return Ok(found(dir));
    }
    tools.build(cache, &cached)?;
    Ok(cached)
}

fn complete(dir: &Path) -> bool {
    ["etcd", "kube-apiserver"].iter().all(|name| dir.join(name).is_file())
}

fn found(dir: PathBuf) -> PathBuf {
    step::say("stands", &format!("control plane in {}", dir.display()));
    dir
}

/// The Go module that pins the versions.
struct Tools {
    module: Module,
    kubernetes: String,
    etcd: String,
}

impl Tools {
    fn read(workspace: &Workspace) -> Result<Self> {
        let module = workspace.root.join("tests/tools/control-plane");
        let go_mod =
            fs::read_to_string(module.join("go.mod")).context("cannot read tests/tools/control-plane/go.mod")?;
        let version = |name: &str| {
            let mut lines = go_mod.lines().map(str::split_whitespace);
            let found = lines.find_map(|mut words| (words.next()? == name).then(|| words.next())?);
            found.filter(|version| version.starts_with('v')).map(String::from)
        };
        Ok(Self {
            kubernetes: version("k8s.io/kubernetes")
                .context("tests/tools/control-plane/go.mod requires no k8s.io/kubernetes")?,
            etcd: version("go.etcd.io/etcd/server/v3")
                .context("tests/tools/control-plane/go.mod requires no go.etcd.io/etcd/server/v3")?,
            module: Module(module),
        })
    }

    fn build(&self, cache: &Cache, into: &Path) -> Result<()> {
        Module::require_go(
            "kube-apiserver must be built: set KUBEBUILDER_ASSETS to a folder that holds etcd and kube-apiserver, or",
        )?;
        fs::create_dir_all(into)?;

        let etcd = Step::begin(cache, &format!("build etcd {}", self.etcd), "about a minute, once")?;
        self.module.build(etcd, "go.etcd.io/etcd/server/v3", "-s -w", &into.join("etcd"))?;

        let title = format!("build kube-apiserver {}", self.kubernetes);
        let apiserver = Step::begin(cache, &title, "about 5 minutes, once")?;
        self.module.build(
            apiserver,
            "k8s.io/kubernetes/cmd/kube-apiserver",
            &self.version_flags()?,
            &into.join("kube-apiserver"),
        )
    }

    /// Without these the API server takes itself for v0.0.0.
    fn version_flags(&self) -> Result<String> {
        let mut parts = self.kubernetes.trim_start_matches('v').split('.');
        let (major, minor) =
            parts.next().zip(parts.next()).context("the version of k8s.io/kubernetes has no minor part")?;
        let set = |name: &str, value: &str| format!(" -X k8s.io/component-base/version.{name}={value}");
        Ok(format!("-s -w{}{}{}", set("gitVersion", &self.kubernetes), set("gitMajor", major), set("gitMinor", minor)))
    }
}
