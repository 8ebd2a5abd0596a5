//! What syncers leave behind that their plugin no longer registers: a kind was taken off a list, or a new version does
//! without it.
//!
//! A record in the target namespace says which syncers there were. Those of a plugin that is not loaded are left
//! alone: it may come back.

use std::collections::BTreeMap;
use std::sync::Arc;

use sluice_cluster::{Record, RecordError, ResourceError, Writer};
use sluice_core::finalizers;
use sluice_core::key::{Direction, Side};
use sluice_core::object::Object;
use sluice_core::pair::Pair;
use sluice_core::syncer::Syncer;
use sluice_core::write::{Write, WriteError};
use tokio::sync::watch as signal;
use tracing::{info, warn};

use crate::site::Site;
use crate::stop::unless_stopped;

/// Removes what is left.
pub(crate) struct Retired {
    site: Site,
    writer: Writer,
    present: signal::Receiver<Arc<Present>>,
    /// Set when all is to end: what is sent is still answered, and nothing more is sent.
    stop: signal::Receiver<bool>,
}

/// What is not retired.
#[derive(Debug, Default)]
pub(crate) struct Present {
    /// The names of the plugins that are loaded.
    pub(crate) plugins: Vec<String>,
    pub(crate) syncers: Vec<Arc<Syncer>>,
}

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    List(#[from] ResourceError),
    #[error("cannot {verb} {target}: {error}")]
    Write { verb: &'static str, target: String, error: WriteError },
    #[error("told to stop")]
    Stopped,
}

impl Retired {
    pub(crate) fn new(site: &Site, present: signal::Receiver<Arc<Present>>, stop: signal::Receiver<bool>) -> Self {
        Self { site: site.clone(), writer: site.writer(), present, stop }
    }

    /// Once for each time that this replica begins to lead, or the plugins are others, until told to stop.
    pub(crate) async fn run(mut self) {
        let mut record = self.site.record();
        while unless_stopped(&self.stop, self.site.claim.wait()).await.is_some() {
            let present = Arc::clone(&self.present.borrow_and_update());
            if let Err(trouble) = self.clean(&mut record, &present).await {
                warn!(%trouble, "what former syncers left behind is not removed; the next start tries again");
            }
            let mut present = self.present.clone();
            let next = async {
                tokio::select! {
                    () = self.site.claim.lost() => {}
                    // Whoever sends outlives this.
                    _ = present.changed() => {}
                }
            };
            if unless_stopped(&self.stop, next).await.is_none() {
                return;
            }
        }
    }

    async fn clean(&self, record: &mut Record, present: &Present) -> Result<(), Trouble> {
        let mut known = record.read().await?;
        let now: BTreeMap<String, String> = present.syncers.iter().map(|syncer| entry(syncer)).collect();
        for (key, text) in &known.clone() {
            let Some(former) = self.former(text).filter(|former| present.plugins.contains(&former.plugin)) else {
                continue;
            };
            let lives = present.syncers.iter().any(|syncer| syncer.mark() == former.mark() && syncer.is_like(&former));
            let followed =
                present.syncers.iter().any(|syncer| syncer.is_like(&former) && syncer.registered.is_exclusive());
            if !lives && !followed {
                info!(syncer = former.mark(), kind = %former.gvk(), "no longer registered: its copies are removed");
                self.remove(&former).await?;
            }
            known.remove(key);
        }
        known.extend(now);
        Ok(record.write(&known).await?)
    }

    fn former(&self, text: &str) -> Option<Syncer> {
        let (plugin, registered) = serde_json::from_str::<(String, _)>(text).ok()?;
        Some(Syncer::new(registered, &plugin, Arc::clone(&self.site.translator)))
    }

    async fn remove(&self, former: &Syncer) -> Result<(), Trouble> {
        let (copy, source) = (former.direction().copy(), former.direction().source());
        if former.registered.finalizers {
            // What is not copied any more is held by nothing on the other side.
            for object in self.list(former, source).await? {
                for write in finalizers::writes(&alone(former, source, object), former) {
                    self.write(&write).await?;
                }
            }
        }
        for object in self.list(former, copy).await? {
            let made = former.direction() == Direction::Virtual || former.origin(&object).is_some();
            let kept = former.keeps(&object) && made;
            let pair = alone(former, copy, object);
            if let Some(write) = pair.removal(former.gvk()).filter(|_| kept) {
                self.write(&write).await?;
            }
        }
        Ok(())
    }

    /// The objects of one side; none where the kind is no longer served.
    async fn list(&self, former: &Syncer, side: Side) -> Result<Vec<Object>, Trouble> {
        let cluster = self.site.clusters.of(side);
        let Some(resource) = cluster.find(former.gvk()).await? else { return Ok(vec![]) };
        let below = side == Side::Physical && former.direction() == Direction::Down;
        let namespace = Some(self.site.translator.namespace()).filter(|_| below && resource.namespaced);
        Ok(cluster.list(former.gvk(), namespace, "").await?)
    }

    async fn write(&self, write: &Write) -> Result<(), Trouble> {
        if *self.stop.borrow() {
            return Err(Trouble::Stopped);
        }
        match self.writer.write(write).await {
            // Somebody else is at it; what is left then is found at the next start.
            Ok(_) | Err(WriteError::Stale) => Ok(()),
            Err(error) => Err(Trouble::Write { verb: write.verb(), target: write.target().to_string(), error }),
        }
    }
}

/// A key that a ConfigMap takes, and the syncer as it was registered.
fn entry(syncer: &Syncer) -> (String, String) {
    let plain = |char: char| if char.is_ascii_alphanumeric() || "-_.".contains(char) { char } else { '_' };
    let key = format!("{}.{}.{}", syncer.plugin, syncer.registered.name, syncer.direction());
    let value = serde_json::json!([syncer.plugin, syncer.registered]);
    (key.chars().map(plain).collect(), value.to_string())
}

/// A half without the other.
fn alone(syncer: &Syncer, side: Side, object: Object) -> Pair {
    let (key, object) = (object.key.clone(), Arc::new(object));
    let [virtual_, physical] = Side::BOTH.map(|half| (half == side).then(|| Arc::clone(&object)));
    let direction = syncer.direction();
    Pair { direction, key: key.clone(), physical_key: key, virtual_, physical, settled: None }
}
