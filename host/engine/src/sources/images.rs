//! Plugins that the config says are images of a registry.

use std::collections::BTreeMap;
use std::future::pending;
use std::time::Duration;

use sluice_core::config::{Config, Registries};
use sluice_loader::{Access, Found, LoadError, Reference, Registry};
use tokio::time::sleep;
use tracing::warn;

use crate::plugins::Offer;

/// How often registries are asked what a tag means now.
const POLL: Duration = Duration::from_secs(60);

/// What was pulled, so that it is pulled once.
#[derive(Default)]
pub(super) struct Images {
    /// How registries are reached, and by what config.
    registry: Option<(Registries, Registry)>,
    images: BTreeMap<String, Image>,
}

struct Image {
    reference: Reference,
    /// The digest of the image when its tag was last resolved, and its component; none while it cannot be had.
    pulled: Option<(String, Found)>,
}

impl Images {
    /// Every image that the config names.
    pub(super) async fn look(&mut self, config: &Config) -> Vec<Offer> {
        let named = config.plugins.iter().filter_map(|(name, plugin)| Some((name, plugin.image.as_deref()?)));
        self.images.retain(|name, _| config.plugins.get(name).is_some_and(|plugin| plugin.image.is_some()));
        if self.registry.as_ref().is_some_and(|(by, _)| *by != config.registries) {
            *self = Self::default();
        }
        let mut offers = vec![];
        for (name, image) in named {
            let found = self.find(name, image, &config.registries).await;
            offers.push(Offer { name: name.clone(), found });
        }
        offers
    }

    async fn find(&mut self, name: &str, image: &str, by: &Registries) -> Result<Found, LoadError> {
        let reference: Reference = image.parse()?;
        if let Some(known) = self.images.get(name).filter(|known| known.reference == reference)
            && let Some((_, found)) = &known.pulled
        {
            return Ok(found.clone());
        }
        self.images.insert(name.into(), Image { reference: reference.clone(), pulled: None });
        let registry = match &mut self.registry {
            Some((_, registry)) => registry,
            none => &mut none.insert((by.clone(), Registry::new(Access::open(by)?)?)).1,
        };
        // First what the tag means, so that a push in between is seen at the next look.
        let digest = registry.resolve(&reference).await?;
        let found = registry.pull(name, &reference).await?;
        self.images.insert(name.into(), Image { reference, pulled: Some((digest, found.clone())) });
        Ok(found)
    }

    /// Waits until a tag means something else, or what could not be had may be there.
    pub(super) async fn changed(&mut self) {
        if self.images.is_empty() {
            return pending().await;
        }
        loop {
            sleep(POLL).await;
            let mut changed = false;
            for image in self.images.values_mut() {
                changed |= image.is_another(self.registry.as_ref().map(|(_, registry)| registry)).await;
            }
            if changed {
                return;
            }
        }
    }
}

impl Image {
    /// Whether it has to be pulled; then what was pulled is forgotten.
    async fn is_another(&mut self, registry: Option<&Registry>) -> bool {
        let (Some((digest, _)), Some(registry)) = (&self.pulled, registry) else { return true };
        if self.reference.digest.is_some() {
            return false;
        }
        match registry.resolve(&self.reference).await {
            Ok(now) if now == *digest => false,
            Ok(_) => {
                self.pulled = None;
                true
            }
            Err(error) => {
                warn!(image = %self.reference, %error, "nobody knows whether there is a newer one");
                false
            }
        }
    }
}
