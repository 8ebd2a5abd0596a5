//! Where the things under test are: in the variables that `cargo xtask` sets, else in cargo's target folder.

use anyhow::{Context, Result, ensure};
use std::{
    env,
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// The `sluice` binary.
///
/// # Errors
/// When it is not built.
pub fn sluice() -> Result<PathBuf> {
    find("SLUICE_BIN", "debug/sluice")
}

/// The folder of the built plugins.
///
/// # Errors
/// When they are not built.
pub fn guests() -> Result<PathBuf> {
    find("SLUICE_GUESTS", "wasm32-wasip2/guest")
}

/// The folder of `etcd` and `kube-apiserver`.
///
/// # Errors
/// When they are not set up.
pub fn control_plane() -> Result<PathBuf> {
    find("KUBEBUILDER_ASSETS", "control-plane")
}

/// A program that stands in for a part of the world: `collector`, `helm`, `promtool`, `registry`, `vcluster`.
///
/// # Errors
/// When it is not built.
pub fn tool(name: &str) -> Result<PathBuf> {
    Ok(find("SLUICE_TOOLS", "tools")?.join(name))
}

/// A folder that compiled plugins are kept in, from one start to the next.
///
/// # Errors
/// When it cannot be made.
pub fn compiled() -> Result<PathBuf> {
    let folder = target()?.join("tmp/compiled");
    DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    Ok(folder)
}

fn find(variable: &str, below_target: &str) -> Result<PathBuf> {
    let path = match env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        None => target()?.join(below_target),
    };
    ensure!(
        path.exists(),
        "{} is missing: run `cargo xtask test`, which builds what the tests need, or set {variable}",
        path.display()
    );
    Ok(path)
}

/// Cargo's target folder: the marked one above our own program.
fn target() -> Result<PathBuf> {
    let program = env::current_exe()?;
    let marked = |dir: &&Path| dir.join("CACHEDIR.TAG").exists();
    program.ancestors().find(marked).map(PathBuf::from).context("this program is outside of cargo's target folder")
}
