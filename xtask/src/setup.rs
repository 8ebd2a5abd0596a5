//! `cargo xtask setup`: what a machine with Rust and Go lacks. Quick when it all stands.

use crate::{cache::Cache, control_plane, wasm_target, workspace::Workspace};
use anyhow::Result;
use std::path::PathBuf;

/// Gets everything that is missing; gives the folder of etcd and kube-apiserver.
pub(crate) fn run(workspace: &Workspace) -> Result<PathBuf> {
    let cache = Cache::open()?;
    let _lock = cache.lock()?;
    wasm_target::ensure(workspace, &cache)?;
    control_plane::ensure(workspace, &cache)
}
