//! The plugins of one virtual cluster, as their sources have them now.

use std::sync::Arc;

use sluice_core::translate::Translator;
use sluice_loader::LoadError;
use sluice_sandbox::Sandbox;
use tracing::{error, warn};

use crate::plugins::{PluginError, Plugins, Refused, Source};
use crate::sources::Sources;

/// Turns what sources offer into plugins, time and again.
pub struct Supply {
    sandbox: Sandbox,
    sources: Sources,
    translator: Arc<Translator>,
    plugins: Plugins,
}

impl Supply {
    /// Of these sources, for this virtual cluster. Nothing is loaded yet.
    pub fn new(sandbox: Sandbox, sources: Sources, translator: Arc<Translator>) -> Self {
        Self { sandbox, sources, translator, plugins: Plugins::default() }
    }

    /// The first plugins: all of the folder, and those from elsewhere that are not refused. A start that needed all of
    /// them would be one that a broken ConfigMap or a registry that is down can keep from happening.
    ///
    /// # Errors
    /// One of the folder is refused, or a source cannot be read.
    pub async fn first(&mut self) -> Result<(Plugins, Vec<Refused>), PluginError> {
        let mut refused = self.load().await?;
        if let Some(at) = refused.iter().position(|refused| refused.from == Source::Folder) {
            return Err(refused.swap_remove(at).error);
        }
        if refused.is_empty() && self.plugins.iter().next().is_none() {
            self.sources.nothing()?;
        }
        tell(&refused);
        Ok((self.plugins.clone(), refused))
    }

    /// The first plugins, without those that are refused.
    pub async fn some(&mut self) -> (Plugins, Vec<Refused>) {
        self.try_load().await
    }

    /// The next plugins, once the sources offer something else. What is refused stays as it was.
    pub async fn next(&mut self) -> (Plugins, Vec<Refused>) {
        self.sources.changed().await;
        self.try_load().await
    }

    async fn try_load(&mut self) -> (Plugins, Vec<Refused>) {
        let refused = self.load().await.unwrap_or_else(|error| {
            warn!(%error, "plugins stay as they are");
            vec![]
        });
        tell(&refused);
        (self.plugins.clone(), refused)
    }

    async fn load(&mut self) -> Result<Vec<Refused>, LoadError> {
        let (offers, config) = self.sources.look().await?;
        let (plugins, sandbox, translator) = (self.plugins.clone(), self.sandbox.clone(), Arc::clone(&self.translator));
        let load = move || plugins.next(&sandbox, offers, &config, &translator);
        match tokio::task::spawn_blocking(load).await {
            Ok((plugins, refused)) => {
                self.plugins = plugins;
                Ok(refused)
            }
            Err(panic) => {
                error!(%panic, "loading plugins broke; they stay as they are");
                Ok(vec![])
            }
        }
    }
}

fn tell(refused: &[Refused]) {
    for Refused { plugin, error, kept, .. } in refused {
        match kept {
            true => error!(plugin, "refused, and its former version goes on: {error}"),
            false => error!(plugin, "refused, and not run: {error}"),
        }
    }
}
