//! The plugins that run: loaded, registered, and without two that would keep the same objects.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sluice_core::key::Gvk;
use sluice_core::limits::Limits;
use sluice_core::translate::Translator;
use sluice_loader::Found;
use sluice_sandbox::{Compiler, Component, LoadError, Plugin, Sandbox, SandboxError, Setting};
use tracing::info;

/// Why the plugins do not start.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// There is no sandbox to run them in.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The folder, or a file in it.
    #[error(transparent)]
    Folder(#[from] sluice_loader::LoadError),
    /// One of them.
    #[error("{}: {cause}", path.display())]
    Plugin {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        cause: LoadError,
    },
    /// Two that would write the same objects over each other.
    #[error(
        "plugins {one:?} and {other:?} both keep every {gvk} in step; remove one of them, \
         or they would write over each other"
    )]
    Claimed {
        /// The first.
        one: String,
        /// The second.
        other: String,
        /// The kind that both claim.
        gvk: Gvk,
    },
}

/// All plugins, in their order.
#[derive(Clone)]
pub struct Plugins(Vec<Plugin>);

impl Plugins {
    /// Loads every component of a folder, in the order of their names.
    pub fn open(folder: &Path, translator: &Arc<Translator>, compiler: Compiler) -> Result<Self, PluginError> {
        let sandbox = Sandbox::new(compiler)?;
        let found = sluice_loader::open_folder(folder)?;
        let plugins = found.iter().map(|found| load(&sandbox, found, translator)).collect::<Result<Vec<_>, _>>()?;
        apart(&plugins)?;
        Ok(Self(plugins))
    }

    /// In their order.
    pub fn iter(&self) -> impl Iterator<Item = &Plugin> {
        self.0.iter()
    }
}

fn load(sandbox: &Sandbox, found: &Found, translator: &Arc<Translator>) -> Result<Plugin, PluginError> {
    let setting = Setting {
        plugin: found.name.clone(),
        translator: Arc::clone(translator),
        config: "{}".into(),
        limits: Limits::default(),
    };
    let plugin = Component::new(sandbox, &found.bytes)
        .and_then(|component| Plugin::load(sandbox, &component, setting))
        .map_err(|cause| PluginError::Plugin { path: found.path.clone(), cause })?;
    let registration = plugin.registration();
    info!(plugin = found.name, version = registration.version, digest = found.digest, "loaded plugin");
    Ok(plugin)
}

/// Refuses two syncers of one kind: each would claim every object of it.
fn apart(plugins: &[Plugin]) -> Result<(), PluginError> {
    let mut claimed: BTreeMap<&Gvk, &str> = BTreeMap::new();
    for plugin in plugins {
        let other = plugin.setting().plugin.as_str();
        for syncer in &plugin.registration().syncers {
            if let Some(one) = claimed.insert(&syncer.kind, other) {
                return Err(PluginError::Claimed { one: one.into(), other: other.into(), gvk: syncer.kind.clone() });
            }
        }
    }
    Ok(())
}
