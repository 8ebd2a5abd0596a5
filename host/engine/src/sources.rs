//! Where the components of one virtual cluster come from, and when there are others.

mod bundles;
mod images;

use std::path::PathBuf;
use std::time::Duration;

use sluice_cluster::Cluster;
use sluice_core::config::Config;
use sluice_loader::{LoadError, Stamp, look, open_folder};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::plugins::{Offer, Source};
use bundles::Bundles;
use images::Images;

/// How often a folder is looked at. What is being written is waited for: two looks have to agree.
const POLL: Duration = Duration::from_millis(250);

/// All of them.
pub struct Sources {
    /// What the operator says.
    config: watch::Receiver<Config>,
    images: Images,
    bundles: Option<Bundles>,
    folder: Option<Folder>,
}

struct Folder {
    path: PathBuf,
    /// As it was when it was last read; none if that could not be told.
    stamp: Option<Stamp>,
}

impl Sources {
    /// None yet but what a config names.
    pub fn new(config: watch::Receiver<Config>) -> Self {
        Self { config, images: Images::default(), bundles: None, folder: None }
    }

    /// And every component of a folder.
    #[must_use]
    pub fn and_folder(self, path: PathBuf) -> Self {
        Self { folder: Some(Folder { path, stamp: None }), ..self }
    }

    /// And those that ConfigMaps of this namespace hold. Needs a tokio runtime.
    #[must_use]
    pub fn and_config_maps(self, physical: Cluster, namespace: String) -> Self {
        Self { bundles: Some(Bundles::of(physical, namespace)), ..self }
    }

    /// All that there is now, and what the operator says of it. What one source has wrong is told of that plugin alone.
    ///
    /// # Errors
    /// A source as a whole cannot be read.
    pub(crate) async fn look(&mut self) -> Result<(Vec<Offer>, Config), LoadError> {
        let config = self.config.borrow_and_update().clone();
        let mut offers = self.images.look(&config).await;
        if let Some(bundles) = &mut self.bundles {
            offers.extend(bundles.look().await);
        }
        if let Some(Folder { path, stamp }) = &mut self.folder {
            *stamp = Stamp::of(path).ok();
            let found = look(path)?;
            offers.extend(found.into_iter().map(|(name, found)| Offer { from: Source::Folder, name, found }));
        }
        Ok((offers, config))
    }

    /// Why there is nothing, where that is known to be a mistake.
    pub(crate) fn nothing(&self) -> Result<(), LoadError> {
        match &self.folder {
            Some(folder) if self.bundles.is_none() => open_folder(&folder.path).map(drop),
            _ => Ok(()),
        }
    }

    /// Waits until there may be something else.
    pub(crate) async fn changed(&mut self) {
        let Self { config, images, bundles, folder } = self;
        let configured = async {
            if config.changed().await.is_err() {
                // Nobody will say anything else.
                std::future::pending().await
            }
        };
        tokio::select! {
            () = configured => {}
            () = Folder::changed(folder) => {}
            () = images.changed() => {}
            () = Bundles::changed(bundles) => {}
        }
    }
}

impl Folder {
    async fn changed(this: &mut Option<Self>) {
        let Some(Self { path, stamp }) = this else { return std::future::pending().await };
        let mut last = None;
        loop {
            sleep(POLL).await;
            let now = Stamp::of(path).ok();
            if now != *stamp && last.as_ref() == Some(&now) {
                return;
            }
            last = Some(now);
        }
    }
}
