//! Plugins that the config says are images of a registry.

use std::collections::BTreeMap;
use std::future::pending;
use std::time::Duration;

use sluice_core::config::{Config, PollSeconds, Registries};
use sluice_loader::{Access, Found, LoadError, Reference, Registry};
use tokio::time::{Instant, sleep_until};
use tracing::{info, warn};

use crate::plugins::{Offer, Source};

/// What was pulled, so that it is pulled once.
#[derive(Default)]
pub(super) struct Images {
    /// How registries are reached, and by what config.
    registry: Option<(Registries, Registry)>,
    images: BTreeMap<String, Image>,
    poll: PollSeconds,
    /// When registries are asked next what a tag means. Kept while other sources are looked at: one that changes often
    /// must not put it off.
    due: Option<Instant>,
}

/// How long what could not be had is left alone, unless its tag means something else by then: every attempt is a load
/// for the registry, and every failure is told.
const AGAIN: Duration = Duration::from_secs(60);

struct Image {
    reference: Reference,
    /// What the tag meant when this was last tried: the digest of the image; none if nobody said.
    meant: Option<String>,
    /// Its component; none while it cannot be had.
    found: Option<Found>,
    /// When it was last tried.
    tried: Instant,
    /// Whether nobody said, when last asked, what its tag means.
    silent: bool,
}

impl Images {
    /// Every image that the config names.
    pub(super) async fn look(&mut self, config: &Config) -> Vec<Offer> {
        let named = config.plugins.iter().filter_map(|(name, plugin)| Some((name, plugin.image.as_deref()?)));
        self.images.retain(|name, _| config.plugins.get(name).is_some_and(|plugin| plugin.image.is_some()));
        let poll = config.registries.poll_seconds;
        if self.poll != poll {
            (self.poll, self.due) = (poll, None);
        }
        // How often they are asked does not change what they said.
        let by = Registries { poll_seconds: PollSeconds::default(), ..config.registries.clone() };
        if self.registry.as_ref().is_some_and(|(known, _)| *known != by) {
            *self = Self { poll, ..Self::default() };
        }
        let mut offers = vec![];
        for (name, image) in named {
            let found = self.find(name, image, &by).await;
            offers.push(Offer { from: Source::Elsewhere, name: name.clone(), found });
        }
        offers
    }

    async fn find(&mut self, name: &str, image: &str, by: &Registries) -> Result<Found, LoadError> {
        let reference: Reference = image.parse()?;
        if let Some(known) = self.images.get(name).filter(|known| known.reference == reference)
            && let Some(found) = &known.found
        {
            return Ok(found.clone());
        }
        let tried = Image { reference, meant: None, found: None, tried: Instant::now(), silent: false };
        let image = self.images.entry(name.into()).insert_entry(tried).into_mut();
        let registry = match &mut self.registry {
            Some((_, registry)) => registry,
            none => &mut none.insert((by.clone(), Registry::new(Access::open(by)?)?)).1,
        };
        // First what the tag means, so that a push in between is seen at the next look.
        image.meant = Some(registry.resolve(&image.reference).await?);
        let found = registry.pull(name, &image.reference).await?;
        Ok(image.found.insert(found).clone())
    }

    /// Waits until a tag means something else, or what could not be had may be there.
    pub(super) async fn changed(&mut self) {
        if self.images.is_empty() {
            return pending().await;
        }
        loop {
            let every = self.poll.duration();
            sleep_until(*self.due.get_or_insert_with(|| Instant::now() + every)).await;
            let mut changed = false;
            for (name, image) in &mut self.images {
                changed |= image.is_another(name, self.registry.as_ref().map(|(_, registry)| registry)).await;
            }
            self.due = None;
            if changed {
                return;
            }
        }
    }
}

impl Image {
    /// Whether it has to be pulled; then what was pulled is forgotten.
    async fn is_another(&mut self, plugin: &str, registry: Option<&Registry>) -> bool {
        let again = self.found.is_none() && self.tried.elapsed() >= AGAIN;
        let Some(registry) = registry else { return again };
        let (image, was_silent) = (&self.reference, self.silent);
        let resolved = registry.resolve(image).await;
        self.silent = self.found.is_some() && resolved.is_err();
        match resolved {
            Ok(now) => {
                if was_silent {
                    info!(plugin, %image, "its registry says again what its tag means");
                }
                let is_another = self.meant.as_ref() != Some(&now);
                if is_another {
                    self.found = None;
                }
                is_another || again
            }
            Err(error) => {
                // Once, and not at every look.
                if self.silent && !was_silent {
                    warn!(plugin, %image, %error, "nobody says whether there is a newer image; the plugin goes on");
                }
                again
            }
        }
    }
}
