//! Between the watches and the loop, where the plugin has a say in what events mean: the engine's mapper, without delay
//! of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use sluice_core::key::{Direction, Key, Side};
use sluice_core::object::Object;
use sluice_core::reconciler::Origin;
use sluice_core::registration::Watch;
use sluice_core::watch::{Places, WatchEvent};
use sluice_core::watched::{Concern, Filed, Watched};

use super::Stage;

/// What the plugin is asked beside its calls.
pub(crate) struct Asked {
    watched: Watched,
    sources: BTreeMap<Key, Arc<Object>>,
    /// Where sources go, as far as the plugin knows what it goes by.
    places: BTreeMap<Key, BTreeSet<Key>>,
    /// What an object of another kind says, which every copy is to hold.
    pub(crate) word: Option<u8>,
    /// It gives no answers.
    pub(crate) mute: bool,
    /// Whether the watch of that other kind has listed, and whether it has something to tell.
    listed: bool,
    pending: bool,
}

impl Asked {
    /// By a runtime that was just started.
    pub(crate) fn new(watches: &[Watch]) -> Self {
        let (sources, places, word, mute) = Default::default();
        Self { watched: Watched::new(watches), sources, places, word, mute, listed: false, pending: true }
    }

    /// The runtime is started again.
    pub(crate) fn forget(&mut self, watches: &[Watch]) {
        let Self { places, word, mute, .. } = std::mem::replace(self, Self::new(watches));
        *self = Self { places, word, mute, ..Self::new(watches) };
    }

    /// From here on the plugin would say this of a source. That it is asked takes until the watch delivers.
    pub(crate) fn send(&mut self, source: Key, places: BTreeSet<Key>) {
        self.places.insert(source, places);
        self.pending = true;
    }

    /// The same of what every copy is to hold.
    pub(crate) fn say(&mut self, word: u8) {
        self.word = Some(word);
        self.pending = true;
    }

    /// Whether the plugin sends a source there.
    pub(crate) fn sends(&self, source: &Key, place: &Key) -> bool {
        self.places.get(source).is_some_and(|places| places.contains(place))
    }

    /// The plugin is asked about sources. What it goes by it knows when the watch has listed.
    fn said<'s>(&self, sources: impl IntoIterator<Item = &'s Key>) -> Places {
        let said = |key: &Key| self.places.get(key).filter(|_| self.listed).cloned().unwrap_or_default();
        sources.into_iter().filter(|_| !self.mute).map(|key| (key.clone(), said(key))).collect()
    }
}

impl Stage {
    /// A watch shows something. Of what is virtual alone, the other cluster holds what wants it.
    pub(super) fn hear(&mut self, side: Side, event: WatchEvent) {
        let registered = &self.syncer.registered;
        match (registered.direction, side) {
            (Direction::Virtual, Side::Physical) if registered.references.is_empty() => self.concern(&event),
            (Direction::Virtual, Side::Physical) => self.reconciler.observe(Origin::Reference(0), event),
            (Direction::Up, Side::Physical) if registered.has_own_names() => self.map(event),
            _ => self.reconciler.observe(Origin::Half(side), event),
        }
    }

    fn concern(&mut self, event: &WatchEvent) {
        let (mut filed, objects) = self.asked.watched.take(0, event);
        for object in objects {
            let said = (!self.asked.mute).then(|| Concern::Pairs(named(&object)));
            self.asked.watched.file(&object.key, said, &mut filed);
        }
        self.reconciler.observe_watched(filed);
    }

    fn map(&mut self, event: WatchEvent) {
        let sources = &mut self.asked.sources;
        let asked: Vec<_> = match &event {
            WatchEvent::Applied(object) => vec![Arc::clone(object)],
            WatchEvent::Deleted(object) => {
                sources.remove(&object.key);
                vec![]
            }
            WatchEvent::Reset { objects, .. } => {
                sources.clear();
                objects.clone()
            }
        };
        sources.extend(asked.iter().map(|object| (object.key.clone(), Arc::clone(object))));
        let places = self.asked.said(asked.iter().map(|object| &object.key));
        self.reconciler.observe_mapped(event, &places);
    }

    /// The watch of that other kind delivers: all is mapped anew, and looked at again.
    pub(crate) fn file(&mut self) {
        if !self.syncer.registered.has_own_names() || !std::mem::take(&mut self.asked.pending) {
            return;
        }
        let listed = (!std::mem::replace(&mut self.asked.listed, true)).then_some(None);
        for source in self.asked.sources.values() {
            let places = self.asked.said([&source.key]);
            self.reconciler.observe_mapped(WatchEvent::Applied(Arc::clone(source)), &places);
        }
        self.reconciler.observe_watched(Filed { watch: 0, listed, names: vec![], concern: Concern::All });
    }

    /// From here on the plugin answers, and is asked about all.
    pub(crate) fn ask_again(&mut self) {
        self.asked.mute = false;
        self.asked.pending = true;
        self.file();
    }
}

/// What an object of another kind names: pairs of its namespace and, behind a slash, what is in none.
fn named(object: &Object) -> BTreeSet<Key> {
    let value: Value = serde_json::from_str(&object.json).expect("JSON");
    let names = value["spec"]["names"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let key = |name: &str| match name.strip_prefix('/') {
        Some(name) => Key::cluster(name),
        None => Key { namespace: object.key.namespace.clone(), name: name.into() },
    };
    names.map(key).collect()
}
