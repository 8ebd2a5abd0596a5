//! The other real parts that tests run, each from a Go module of its own below `tests/tools`.

use crate::{
    cache::Cache,
    go::Module,
    step::{self, Step},
    workspace::Workspace,
};
use anyhow::{Context, Result};
use std::{
    collections::hash_map::DefaultHasher,
    fs,
    hash::Hasher,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

/// Name of the module and of the program, and the package.
const TOOLS: [(&str, &str); 5] = [
    ("collector", "."),
    ("helm", "helm.sh/helm/v3/cmd/helm"),
    ("promtool", "github.com/prometheus/prometheus/cmd/promtool"),
    ("registry", "github.com/distribution/distribution/v3/cmd/registry"),
    ("vcluster", "."),
];

/// Gives the folder that holds all of them, which is linked into the target folder for a plain `cargo test`.
pub(crate) fn ensure(workspace: &Workspace, cache: &Cache) -> Result<PathBuf> {
    let _lock = cache.lock()?;
    let folder = workspace.target.join("tools");
    fs::create_dir_all(&folder)?;
    for (name, package) in TOOLS {
        let module = Module(workspace.root.join("tests/tools").join(name));
        let built = cache.join("tools").join(format!("{name}-{:016x}", fingerprint(&module.0)?));
        if built.is_file() {
            step::say("stands", &format!("{name} in {}", built.display()));
        } else {
            Module::require_go(&format!("{name}, which tests run, must be built:"))?;
            fs::create_dir_all(cache.join("tools"))?;
            let step = Step::begin(cache, &format!("build {name}"), "some minutes, once")?;
            module.build(step, package, "-s -w", &built)?;
        }
        let link = folder.join(name);
        if fs::read_link(&link).ok().as_ref() != Some(&built) {
            fs::remove_file(&link).ok();
            symlink(&built, &link).with_context(|| format!("cannot link {} to {name}", link.display()))?;
        }
    }
    Ok(folder)
}

/// Of all that is in a module: what changes is built anew.
fn fingerprint(module: &Path) -> Result<u64> {
    let entries = fs::read_dir(module).with_context(|| format!("cannot read {}", module.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files.iter().filter(|file| file.is_file()) {
        hasher.write(&fs::read(file)?);
    }
    Ok(hasher.finish())
}
