use crate::dispatch::{Alone, AnySyncer, Down, Up};
use crate::{Syncer, UpSyncer, VirtualSyncer};

/// What a plugin keeps in step, in the order of its registration: `Syncers::new().down(Ingresses).up(IngressClasses)`.
///
/// A config may make many of one type; each then has a [`name`](Syncer::name) of its own:
///
/// ```no_run
/// # use sluice_sdk::{Syncer, Syncers};
/// # fn syncers(resources: Vec<impl Syncer + 'static>) -> Syncers {
/// resources.into_iter().fold(Syncers::new(), Syncers::down)
/// # }
/// ```
#[derive(Default)]
#[must_use]
pub struct Syncers(Vec<Box<dyn AnySyncer>>);

impl Syncers {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// And one that copies down.
    pub fn down<S: Syncer + 'static>(mut self, syncer: S) -> Self {
        self.0.push(Box::new(Down(syncer)));
        self
    }

    /// And one that copies up.
    pub fn up<S: UpSyncer + 'static>(mut self, syncer: S) -> Self {
        self.0.push(Box::new(Up(syncer)));
        self
    }

    /// And one whose objects are virtual alone.
    pub fn alone<S: VirtualSyncer + 'static>(mut self, syncer: S) -> Self {
        self.0.push(Box::new(Alone(syncer)));
        self
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &dyn AnySyncer> {
        self.0.iter().map(|syncer| &**syncer)
    }

    pub(crate) fn named(self, name: &str) -> Option<Box<dyn AnySyncer>> {
        self.0.into_iter().find(|syncer| syncer.name() == name)
    }
}
