//! The contract's `syncer`, `mapping` and `watch`: each call goes to the syncer that it names.

mod alone;

use crate::bindings::imports::sluice::plugin::intents::{Call, Intent};
use crate::bindings::imports::sluice::plugin::objects;
use crate::bindings::mapping::exports::sluice::plugin::mapping;
use crate::bindings::syncer::exports::sluice::plugin::syncer;
use crate::bindings::watch::exports::sluice::plugin::watch;
use crate::component::Component;
use crate::registration::{self, Direction};
use crate::{
    Answer, Body, Concern, Context, Failure, Form, Handle, Key, Physical, Plugin, Syncer, UpSyncer, Virtual, Watch,
};
pub(crate) use alone::Alone;

/// A syncer of whatever kind and direction. It is asked for what its registration leads to, and for nothing else.
pub(crate) trait AnySyncer {
    fn name(&self) -> String;
    fn registration(&self) -> registration::Syncer;
    fn watches(&self) -> Vec<Watch>;

    fn translate(&self, _: &Context, _: Handle) -> Result<Body, Failure> {
        Err(Failure::permanent(format!("the virtual objects of {} have no physical form", self.name())))
    }

    fn sync_down(&self, _: &Context, _: Handle) -> Answer {
        Err(self.has_no("sync-down"))
    }

    fn sync(&self, _: &Context, _: Handle, _: Handle) -> Answer {
        Err(self.has_no("sync"))
    }

    fn sync_up(&self, _: &Context, _: Handle) -> Answer {
        Err(self.has_no("sync-up"))
    }

    fn create(&self, _: &Context, _: &Key) -> Answer {
        Err(self.has_no("create"))
    }

    fn keep(&self, _: &Context, _: Handle) -> Answer {
        Err(self.has_no("keep"))
    }

    fn to_virtual(&self, _: Handle) -> Result<Vec<Key>, Failure> {
        Ok(Vec::new())
    }

    fn has_no(&self, function: &str) -> Failure {
        Failure::permanent(format!("{} has no {function}", self.name()))
    }
}

pub(crate) struct Down<S>(pub(crate) S);

impl<S: Syncer> AnySyncer for Down<S> {
    fn name(&self) -> String {
        self.0.name()
    }

    fn registration(&self) -> registration::Syncer {
        let Self(syncer) = self;
        registration::Syncer {
            name: syncer.name(),
            kind: syncer.kind(),
            direction: Direction::Down,
            select: syncer.select(),
            references: syncer.references(),
            names: None,
            watches: self.watches().into_iter().map(Watch::registered).collect(),
            finalizers: syncer.finalizers(),
            crd: syncer.crd(),
        }
    }

    fn watches(&self) -> Vec<Watch> {
        self.0.watches()
    }

    fn translate(&self, ctx: &Context, virtual_object: Handle) -> Result<Body, Failure> {
        self.0.translate(ctx, &Virtual::read(virtual_object)?)?.body()
    }

    fn sync_down(&self, ctx: &Context, virtual_object: Handle) -> Answer {
        self.0.sync_down(ctx, &Virtual::read(virtual_object)?)
    }

    fn sync(&self, ctx: &Context, physical: Handle, virtual_object: Handle) -> Answer {
        self.0.sync(ctx, &Physical::read(physical)?, &Virtual::read(virtual_object)?)
    }

    fn sync_up(&self, ctx: &Context, physical: Handle) -> Answer {
        self.0.sync_up(ctx, &Physical::read(physical)?)
    }
}

pub(crate) struct Up<S>(pub(crate) S);

impl<S: UpSyncer> AnySyncer for Up<S> {
    fn name(&self) -> String {
        self.0.name()
    }

    fn registration(&self) -> registration::Syncer {
        let Self(syncer) = self;
        registration::Syncer {
            name: syncer.name(),
            kind: syncer.kind(),
            direction: Direction::Up,
            select: syncer.select(),
            references: Vec::new(),
            names: Some(syncer.names()),
            watches: self.watches().into_iter().map(Watch::registered).collect(),
            finalizers: syncer.finalizers(),
            crd: syncer.crd(),
        }
    }

    fn watches(&self) -> Vec<Watch> {
        self.0.watches()
    }

    fn to_virtual(&self, physical: Handle) -> Result<Vec<Key>, Failure> {
        self.0.to_virtual(&Physical::read(physical)?)
    }

    fn sync_down(&self, ctx: &Context, virtual_object: Handle) -> Answer {
        self.0.sync_down(ctx, &Virtual::read(virtual_object)?)
    }

    fn sync(&self, ctx: &Context, physical: Handle, virtual_object: Handle) -> Answer {
        self.0.sync(ctx, &Physical::read(physical)?, &Virtual::read(virtual_object)?)
    }

    fn sync_up(&self, ctx: &Context, physical: Handle) -> Answer {
        self.0.sync_up(ctx, &Physical::read(physical)?)
    }
}

impl<C: Component> syncer::Guest for C {
    fn sync_down(call: Call, virtual_object: objects::Object) -> Result<Vec<Intent>, Failure> {
        let answer = named::<C>(&call)?.sync_down(&Context::new(&call), Handle::new(virtual_object))?;
        Ok(answer.into())
    }

    fn sync(call: Call, physical: objects::Object, virtual_object: objects::Object) -> Result<Vec<Intent>, Failure> {
        let (physical, virtual_object) = (Handle::new(physical), Handle::new(virtual_object));
        let answer = named::<C>(&call)?.sync(&Context::new(&call), physical, virtual_object)?;
        Ok(answer.into())
    }

    fn sync_up(call: Call, physical: objects::Object) -> Result<Vec<Intent>, Failure> {
        let answer = named::<C>(&call)?.sync_up(&Context::new(&call), Handle::new(physical))?;
        Ok(answer.into())
    }

    fn translate(call: Call, virtual_object: objects::Object) -> Result<Body, Failure> {
        named::<C>(&call)?.translate(&Context::new(&call), Handle::new(virtual_object))
    }
}

impl<C: Component> mapping::Guest for C {
    fn to_virtual(syncer: String, physical: objects::Object) -> Vec<Key> {
        // There is no way to answer with an error: the call ends, and what was said last stays.
        let places = by_name::<C>(&syncer).and_then(|syncer| syncer.to_virtual(Handle::new(physical)));
        places.unwrap_or_else(|failure| panic!("{failure:?}"))
    }
}

impl<C: Component> watch::Guest for C {
    fn affected(syncer: String, watch: String, seen: objects::Object) -> Concern {
        let concern = by_name::<C>(&syncer).and_then(|syncer| {
            let watch = syncer.watches().into_iter().find(|known| known.name() == watch);
            watch.ok_or_else(|| syncer.has_no("such watch"))?.concern(&Handle::new(seen))
        });
        concern.unwrap_or_else(|failure| panic!("{failure:?}"))
    }
}

fn named<C: Component>(call: &Call) -> Result<Box<dyn AnySyncer>, Failure> {
    by_name::<C>(&call.syncer)
}

fn by_name<C: Component>(name: &str) -> Result<Box<dyn AnySyncer>, Failure> {
    let syncers = C::plugin().map_err(Failure::permanent)?.syncers();
    syncers.named(name).ok_or_else(|| Failure::permanent(format!("{} has no syncer {name:?}", C::NAME)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Fixture;

    #[test]
    fn a_call_goes_to_the_syncer_that_it_names() {
        let name = |syncer: &str| {
            let call = Call { syncer: syncer.to_owned(), now: 0, attempt: 1 };
            named::<Fixture>(&call).map(|syncer| syncer.name())
        };
        assert_eq!(name("widgets"), Ok("widgets".to_owned()));
        assert_eq!(name("gadgets"), Err(Failure::permanent(r#"fixture has no syncer "gadgets""#)));
    }
}
