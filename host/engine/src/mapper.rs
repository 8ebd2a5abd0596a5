//! Between the watches of a syncer and its loop, where the plugin has a say in what events mean: where a physical object
//! goes, and which pairs an object of another kind concerns.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sluice_core::key::{Gvk, Key};
use sluice_core::object::Object;
use sluice_core::reconciler::Origin;
use sluice_core::watch::{Places, WatchEvent};
use sluice_core::watched::{Concern, Filed, Watched};
use sluice_sandbox::{Fault, Question, Reply};
use tokio::sync::mpsc;
use tokio::time::sleep;
use tracing::warn;

use crate::work::Workshop;

/// Objects that are asked about in one go: a few milliseconds, in which other calls of the plugin wait.
const BATCH: usize = 128;
/// How long to wait for room for an instance.
const BUSY: Duration = Duration::from_millis(50);

/// What a loop hears.
pub(crate) enum Heard {
    /// A watch says this.
    Event(Origin, WatchEvent),
    /// The watch of what is copied says this, and the plugin where it goes.
    Mapped(WatchEvent, Places),
    /// Objects of another kind concern this.
    Filed(Filed),
}

/// Asks the plugin of one syncer.
pub(crate) struct Mapper {
    workshop: Arc<Workshop>,
    /// The physical objects whose places the plugin says.
    sources: BTreeMap<Key, Arc<Object>>,
    failures: u32,
    heard: mpsc::Sender<Heard>,
}

impl Mapper {
    pub(crate) fn new(workshop: Arc<Workshop>, heard: mpsc::Sender<Heard>) -> Self {
        Self { workshop, sources: BTreeMap::new(), failures: 0, heard }
    }

    /// Runs until nobody sends, or nobody listens any more.
    pub(crate) async fn run(mut self, mut events: mpsc::Receiver<(Origin, WatchEvent)>) {
        let syncer = Arc::clone(&self.workshop.syncer);
        while let Some((origin, event)) = events.recv().await {
            let sent = match origin {
                Origin::Watch(at) => self.file(at, &event).await,
                Origin::Half(side) if side == syncer.direction().source() && syncer.registered.has_own_names() => {
                    self.map(event).await
                }
                _ => self.heard.send(Heard::Event(origin, event)).await.is_ok(),
            };
            if !sent {
                return;
            }
        }
    }

    /// Asks where the objects of an event go.
    async fn map(&mut self, event: WatchEvent) -> bool {
        let objects = match &event {
            WatchEvent::Applied(object) => {
                self.sources.insert(object.key.clone(), Arc::clone(object));
                vec![Arc::clone(object)]
            }
            WatchEvent::Deleted(object) => {
                self.sources.remove(&object.key);
                vec![]
            }
            WatchEvent::Reset { namespace, objects } => {
                self.sources.retain(|key, _| namespace.is_some() && key.namespace != *namespace);
                self.sources.extend(objects.iter().map(|object| (object.key.clone(), Arc::clone(object))));
                objects.clone()
            }
        };
        let places = self.places(objects).await;
        self.heard.send(Heard::Mapped(event, places)).await.is_ok()
    }

    async fn places(&mut self, mut objects: Vec<Arc<Object>>) -> Places {
        objects.retain(|object| self.workshop.syncer.may_come_up(object));
        let gvk = Arc::clone(&self.workshop.gvk);
        let side = self.workshop.syncer.direction().source();
        let said = self.ask("to-virtual", "mapping", objects, move |shop, object| {
            let syncer = &shop.syncer.registered.name;
            shop.plugin.plugin.places(Question { syncer, side, gvk: &gvk, object, watched: &shop.watched })
        });
        said.await.into_iter().collect()
    }

    /// Asks what the objects of an event of a watch concern.
    async fn file(&mut self, at: usize, event: &WatchEvent) -> bool {
        let shop = Arc::clone(&self.workshop);
        let Some(watch) = shop.syncer.registered.watches.get(at).cloned() else { return true };
        let (mut filed, objects) = write(&shop.watched).take(at, event);
        let keys: Vec<Key> = objects.iter().map(|object| object.key.clone()).collect();
        let (name, gvk): (_, Arc<Gvk>) = (watch.name.clone(), Arc::new(watch.kind));
        let said = self.ask("affected", &watch.name, objects, move |shop, object| {
            let syncer = &shop.syncer.registered.name;
            let question = Question { syncer, side: watch.side, gvk: &gvk, object, watched: &shop.watched };
            shop.plugin.plugin.concern(&name, question)
        });
        let mut said: BTreeMap<Key, Concern> = said.await.into_iter().collect();
        {
            let mut watched = write(&shop.watched);
            for key in &keys {
                watched.file(key, said.remove(key), &mut filed);
            }
        }
        // Mapped anew before the watch counts as listed: until then nothing is known to be left over.
        if filed.concern == Concern::All && shop.syncer.registered.has_own_names() {
            let sources: Vec<_> = self.sources.values().cloned().collect();
            let places = self.places(sources.clone()).await;
            for source in sources {
                let place = places.get_key_value(&source.key);
                let places = place.map(|(key, places)| (key.clone(), places.clone())).into_iter().collect();
                if self.heard.send(Heard::Mapped(WatchEvent::Applied(source), places)).await.is_err() {
                    return false;
                }
            }
        }
        self.heard.send(Heard::Filed(filed)).await.is_ok()
    }

    /// Asks about each object, by a function of the contract. One without an answer is left out: what was said of it last counts.
    async fn ask<T: Send + 'static>(
        &mut self,
        function: &'static str,
        about: &str,
        objects: Vec<Arc<Object>>,
        ask: impl Fn(&Workshop, Arc<Object>) -> Reply<T> + Clone + Send + 'static,
    ) -> Vec<(Key, T)> {
        let mut said = vec![];
        let mut left = objects;
        while !left.is_empty() {
            // Nothing is lost by that: what watches say meanwhile waits, too.
            self.workshop.quarantine.over().await;
            let batch: Vec<_> = left.drain(..left.len().min(BATCH)).collect();
            let (shop, ask, asked) = (Arc::clone(&self.workshop), ask.clone(), batch.clone());
            let answers = self.workshop.calls.run(move || {
                let answer = |object: Arc<Object>| {
                    let calling = shop.plugin_meter.call(function);
                    let reply = ask(&shop, object);
                    calling.ended(reply.cost);
                    reply.result
                };
                asked.into_iter().map(answer).collect::<Vec<_>>()
            });
            let answers = match answers.await {
                Ok(answers) => answers,
                Err(fault) => batch.iter().map(|_| Err(fault.clone())).collect(),
            };
            for (object, answer) in batch.into_iter().zip(answers) {
                match answer {
                    Ok(answer) => said.push((object.key.clone(), answer)),
                    Err(Fault::Busy(_)) => {
                        sleep(BUSY).await;
                        left.push(object);
                    }
                    Err(fault) => self.tell(about, &object.key, &fault),
                }
            }
        }
        said
    }

    /// Counts a call without an answer. The log hears of the first and whenever their number doubles.
    fn tell(&mut self, about: &str, key: &Key, fault: &Fault) {
        let shop = &self.workshop;
        shop.meter.failure(fault.reason());
        shop.quarantine.failed(shop.syncer.mark(), key, fault.reason());
        self.failures = self.failures.saturating_add(1);
        if self.failures.is_power_of_two() {
            let (plugin, syncer) = (shop.plugin.name(), &shop.syncer.registered.name);
            let (failures, reason) = (self.failures, fault.reason());
            warn!(plugin, syncer, about, %key, failures, reason, "what it said last stays: {fault}");
        }
    }
}

fn write(watched: &RwLock<Watched>) -> std::sync::RwLockWriteGuard<'_, Watched> {
    // What is held is whole after every step, also when a thread that held it panicked.
    watched.write().unwrap_or_else(PoisonError::into_inner)
}

impl Workshop {
    /// Forgets what watches showed: they begin anew.
    pub(crate) fn forget(&self) {
        *write(&self.watched) = Watched::new(&self.syncer.registered.watches);
    }
}
