//! Objects of other kinds that the pairs of one syncer depend on, and which pairs that are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::key::{Key, Target};
use crate::object::Object;
use crate::registration::Watch;
use crate::watch::WatchEvent;

/// What the watches of one syncer show. Its plugin may look into it.
#[derive(Debug, Default)]
pub struct Watched(Vec<One>);

/// One watch.
#[derive(Debug)]
struct One {
    watch: Watch,
    objects: BTreeMap<Key, Seen>,
    /// Pair and object: which objects concern a pair.
    concerning: BTreeSet<(Key, Key)>,
}

#[derive(Debug)]
struct Seen {
    object: Arc<Object>,
    concern: Concern,
}

/// Pairs to look at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Concern {
    /// Those of these virtual keys.
    Pairs(BTreeSet<Key>),
    /// All of them.
    All,
}

/// What taking in an event of a watch came to.
#[derive(Clone, Debug)]
pub struct Filed {
    /// Which watch, by its place in the registration.
    pub watch: usize,
    /// That it has listed, and of which namespace.
    pub listed: Option<Option<Arc<str>>>,
    /// What each object names now that the event was about; one that is gone names nothing.
    pub names: Vec<(Key, BTreeSet<Key>)>,
    /// What they concern, or did.
    pub concern: Concern,
}

/// A name that no watch of the syncer has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its syncer has no watch {0:?}")]
pub struct NoWatch(pub String);

impl Watched {
    /// Nothing yet, of these watches.
    pub fn new(watches: &[Watch]) -> Self {
        let one = |watch: &Watch| One { watch: watch.clone(), objects: BTreeMap::new(), concerning: BTreeSet::new() };
        Self(watches.iter().map(one).collect())
    }

    /// Takes in an event of the watch `at`. Returns what it comes to so far, and the objects that are new or changed:
    /// what those concern is to be [filed](Self::file).
    pub fn take(&mut self, at: usize, event: &WatchEvent) -> (Filed, Vec<Arc<Object>>) {
        let none = Concern::Pairs(BTreeSet::new());
        let mut filed = Filed { watch: at, listed: None, names: vec![], concern: none };
        let Some(one) = self.0.get_mut(at) else { return (filed, vec![]) };
        match event {
            WatchEvent::Applied(object) => {
                let changed = one.put(object);
                (filed, if changed { vec![Arc::clone(object)] } else { vec![] })
            }
            WatchEvent::Deleted(object) => {
                one.remove(&object.key, &mut filed);
                (filed, vec![])
            }
            WatchEvent::Reset { namespace, objects } => {
                filed.listed = Some(namespace.clone());
                let live: BTreeSet<&Key> = objects.iter().map(|object| &object.key).collect();
                let gone = |key: &&Key| (namespace.is_none() || key.namespace == *namespace) && !live.contains(key);
                for key in one.objects.keys().filter(gone).cloned().collect::<Vec<_>>() {
                    one.remove(&key, &mut filed);
                }
                let changed = objects.iter().filter(|object| one.put(object)).cloned().collect();
                (filed, changed)
            }
        }
    }

    /// What an object concerns, as its plugin says; none if it gave no answer, so that what it said last counts.
    pub fn file(&mut self, object: &Key, said: Option<Concern>, filed: &mut Filed) {
        let Some(one) = self.0.get_mut(filed.watch) else { return };
        let Some(seen) = one.objects.get_mut(object) else { return };
        filed.concern.join(seen.concern.clone());
        if let Some(said) = said {
            for pair in seen.concern.pairs() {
                one.concerning.remove(&(pair.clone(), object.clone()));
            }
            one.concerning.extend(said.pairs().map(|pair| (pair.clone(), object.clone())));
            filed.concern.join(said.clone());
            seen.concern = said;
        }
        filed.names.push((object.clone(), seen.concern.pairs().cloned().collect()));
    }

    /// The side and kind of a watch.
    ///
    /// # Errors
    /// There is no such watch; so for the others.
    pub fn watch(&self, name: &str) -> Result<&Watch, NoWatch> {
        self.one(name).map(|one| &one.watch)
    }

    /// One object of a watch.
    pub fn get(&self, watch: &str, key: &Key) -> Result<Option<Arc<Object>>, NoWatch> {
        Ok(self.one(watch)?.objects.get(key).map(|seen| Arc::clone(&seen.object)))
    }

    /// What stands at this place, as far as a watch shows; none if no watch is of such objects.
    pub fn find(&self, target: &Target) -> Option<Option<&Arc<Object>>> {
        let of = |one: &&One| one.watch.side == target.side && one.watch.kind == target.gvk;
        let mut watches = self.0.iter().filter(of).peekable();
        watches.peek()?;
        Some(watches.find_map(|one| one.objects.get(&target.key)).map(|seen| &seen.object))
    }

    /// At most so many objects of a watch in the order of their keys, of one namespace or all.
    pub fn list(&self, watch: &str, namespace: Option<&str>, limit: usize) -> Result<Vec<Arc<Object>>, NoWatch> {
        let first = Key { namespace: namespace.map(Into::into), name: "".into() };
        let objects = self.one(watch)?.objects.range(first..).map(|(_, seen)| &seen.object);
        let within = |object: &&Arc<Object>| namespace.is_none() || object.key.namespace.as_deref() == namespace;
        Ok(objects.take_while(within).take(limit).cloned().collect())
    }

    /// At most so many objects of a watch that concern a pair, in the order of their keys.
    pub fn concerning(&self, watch: &str, pair: &Key, limit: usize) -> Result<Vec<Arc<Object>>, NoWatch> {
        let one = self.one(watch)?;
        let first = (pair.clone(), Key { namespace: None, name: "".into() });
        let keys = one.concerning.range(first..).take_while(|(of, _)| of == pair).map(|(_, object)| object);
        Ok(keys.filter_map(|key| one.objects.get(key)).take(limit).map(|seen| Arc::clone(&seen.object)).collect())
    }

    fn one(&self, name: &str) -> Result<&One, NoWatch> {
        // A guest may ask for what is as long as it likes, and this goes into a log.
        self.0.iter().find(|one| one.watch.name == name).ok_or_else(|| NoWatch(name.chars().take(64).collect()))
    }
}

impl One {
    /// Whether it is new, or has changed.
    fn put(&mut self, object: &Arc<Object>) -> bool {
        match self.objects.get_mut(&object.key) {
            Some(seen) if seen.object.same(object) => false,
            Some(seen) => {
                seen.object = Arc::clone(object);
                true
            }
            None => {
                let seen = Seen { object: Arc::clone(object), concern: Concern::Pairs(BTreeSet::new()) };
                self.objects.insert(object.key.clone(), seen);
                true
            }
        }
    }

    fn remove(&mut self, key: &Key, filed: &mut Filed) {
        let Some(seen) = self.objects.remove(key) else { return };
        for pair in seen.concern.pairs() {
            self.concerning.remove(&(pair.clone(), key.clone()));
        }
        filed.concern.join(seen.concern);
        filed.names.push((key.clone(), BTreeSet::new()));
    }
}

impl Concern {
    fn pairs(&self) -> impl Iterator<Item = &Key> {
        let pairs = match self {
            Self::Pairs(pairs) => Some(pairs),
            Self::All => None,
        };
        pairs.into_iter().flatten()
    }

    fn join(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::All, _) => {}
            (Self::Pairs(all), Self::Pairs(more)) => all.extend(more),
            (Self::Pairs(_), Self::All) => *self = Self::All,
        }
    }
}

#[cfg(test)]
mod tests;
