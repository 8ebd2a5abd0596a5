//! Plugins that the config says are images of a registry.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use sluice_core::config::{Config, PollSeconds, Registries};
use sluice_loader::{Access, Found, LoadError, Reference, Registry};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use tracing::{info, warn};

use crate::plugins::{Offer, Source};

/// How long a look waits for what it is the first to ask for. What comes later is swapped in, and keeps neither a start nor
/// the swap of another plugin waiting.
const FIRST: Duration = Duration::from_secs(5);
/// How long what could not be had is left alone, unless its tag means something else by then: every attempt is a load
/// for the registry, and every failure is told.
const AGAIN: Duration = Duration::from_secs(60);

/// What was pulled, so that it is pulled once.
#[derive(Default)]
pub(super) struct Images {
    /// How registries are reached.
    by: Registries,
    /// What reaches them; none before it is needed, or where it cannot be as that says.
    registry: Option<Arc<Registry>>,
    images: BTreeMap<String, Image>,
    /// Those that are on their way.
    pulls: JoinSet<Pulled>,
    poll: PollSeconds,
    /// When registries are asked next what a tag means. Kept while other sources are looked at: one that changes often
    /// must not put it off.
    due: Option<Instant>,
}

struct Image {
    reference: Reference,
    /// What the tag meant when this was last tried: the digest of the image; none if nobody said.
    meant: Option<String>,
    /// Its component, or why it could not be had; none while that is not known.
    had: Option<Result<Found, Arc<LoadError>>>,
    /// Whether it is on its way. Until it is here, it is as it was.
    pulling: bool,
    /// When it was last tried.
    tried: Instant,
    /// Whether nobody said, when last asked, what its tag means.
    silent: bool,
}

/// What came of one pull.
struct Pulled {
    name: String,
    reference: Reference,
    meant: Option<String>,
    had: Result<Found, Arc<LoadError>>,
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
        if self.by != by {
            *self = Self { by, poll, ..Self::default() };
        }
        let (mut offers, mut known, mut is_new) = (vec![], vec![], false);
        for (name, image) in named {
            match image.parse() {
                Ok(reference) => {
                    known.push(name);
                    is_new |= self.name(name, reference);
                }
                Err(wrong) => offers.push(offer(name, Err(LoadError::Reference(wrong)))),
            }
        }
        if is_new {
            let _ = timeout(FIRST, async { while self.arrives().await {} }).await;
        }
        offers.extend(known.into_iter().filter_map(|name| Some(offer(name, self.images.get(name)?.offered()))));
        offers
    }

    /// The config names this image. Whether it is another than before, which is then pulled.
    fn name(&mut self, name: &str, reference: Reference) -> bool {
        if self.images.get(name).is_some_and(|known| known.reference == reference) {
            return false;
        }
        let tried = Image { reference, meant: None, had: None, pulling: false, tried: Instant::now(), silent: false };
        self.images.insert(name.into(), tried);
        self.pull(name);
        true
    }

    /// Has an image pulled. False if there is no way to any registry.
    fn pull(&mut self, name: &str) -> bool {
        let Some(image) = self.images.get_mut(name) else { return false };
        image.tried = Instant::now();
        let opened = match self.registry.take() {
            Some(registry) => Ok(registry),
            None => Access::open(&self.by).and_then(Registry::new).map(Arc::new),
        };
        match opened {
            Ok(registry) => {
                image.pulling = true;
                self.registry = Some(Arc::clone(&registry));
                self.pulls.spawn(pulled(registry, name.into(), image.reference.clone()));
                true
            }
            Err(error) => {
                image.had = Some(Err(Arc::new(error.into())));
                false
            }
        }
    }

    /// Takes in the next that arrives. False if none is on its way.
    async fn arrives(&mut self) -> bool {
        let Some(pulled) = self.pulls.join_next().await else { return false };
        let Ok(Pulled { name, reference, meant, had }) = pulled else { return true };
        // The config may name another by now.
        if let Some(image) = self.images.get_mut(&name).filter(|image| image.reference == reference) {
            (image.meant, image.had, image.pulling) = (meant, Some(had), false);
        }
        true
    }

    /// Waits until a tag means something else, or what could not be had may be there.
    pub(super) async fn changed(&mut self) {
        if self.images.is_empty() {
            return pending().await;
        }
        loop {
            let every = self.poll.duration();
            let due = *self.due.get_or_insert_with(|| Instant::now() + every);
            tokio::select! {
                true = self.arrives() => return,
                () = sleep_until(due) => {}
            }
            let mut others = vec![];
            for (name, image) in self.images.iter_mut().filter(|(_, image)| !image.pulling) {
                if image.is_another(name, self.registry.as_deref()).await {
                    others.push(name.clone());
                }
            }
            self.due = None;
            // What is on its way ends this wait when it arrives.
            if others.iter().map(|name| self.pull(name)).fold(false, |fails, goes| fails | !goes) {
                return;
            }
        }
    }
}

fn offer(name: &str, found: Result<Found, LoadError>) -> Offer {
    Offer { from: Source::Elsewhere, name: name.into(), found }
}

async fn pulled(registry: Arc<Registry>, name: String, reference: Reference) -> Pulled {
    // First what the tag means, so that a push in between is seen at the next look.
    let (meant, had) = match registry.resolve(&reference).await {
        Ok(meant) => (Some(meant), registry.pull(&name, &reference).await),
        Err(error) => (None, Err(error)),
    };
    Pulled { name, reference, meant, had: had.map_err(Arc::new) }
}

impl Image {
    fn offered(&self) -> Result<Found, LoadError> {
        match &self.had {
            Some(Ok(found)) => Ok(found.clone()),
            Some(Err(error)) => Err(LoadError::Before(Arc::clone(error))),
            None => Err(LoadError::Underway(self.reference.to_string())),
        }
    }

    /// Whether it has to be pulled anew.
    async fn is_another(&mut self, plugin: &str, registry: Option<&Registry>) -> bool {
        let Some(had) = &self.had else { return false };
        let again = had.is_err() && self.tried.elapsed() >= AGAIN;
        let Some(registry) = registry else { return again };
        let (image, was_silent) = (&self.reference, self.silent);
        let resolved = registry.resolve(image).await;
        self.silent = had.is_ok() && resolved.is_err();
        match resolved {
            Ok(now) => {
                if was_silent {
                    info!(plugin, %image, "its registry says again what its tag means");
                }
                self.meant.as_ref() != Some(&now) || again
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
