//! The contract's `syncer`: each call goes to the syncer that it names.

use crate::bindings::imports::sluice::plugin::intents::Intent;
use crate::bindings::imports::sluice::plugin::objects;
use crate::bindings::syncer::exports::sluice::plugin::syncer;
use crate::component::Component;
use crate::registration::{self, Direction};
use crate::{Answer, Body, Context, Failure, Form, Handle, Physical, Plugin, Syncer, UpSyncer, Virtual};

/// A syncer of whatever kind and direction.
pub(crate) trait AnySyncer {
    fn name(&self) -> String;
    fn registration(&self) -> registration::Syncer;
    fn translate(&self, ctx: &Context, virtual_object: Handle) -> Result<Body, Failure>;
    fn sync_down(&self, ctx: &Context, virtual_object: Handle) -> Answer;
    fn sync(&self, ctx: &Context, physical: Handle, virtual_object: Handle) -> Answer;
    fn sync_up(&self, ctx: &Context, physical: Handle) -> Answer;
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
            finalizers: syncer.finalizers(),
            crd: syncer.crd(),
        }
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
            finalizers: syncer.finalizers(),
            crd: syncer.crd(),
        }
    }

    fn translate(&self, _: &Context, _: Handle) -> Result<Body, Failure> {
        Err(Failure::permanent(format!("{} copies up: its virtual objects have no physical form", self.0.name())))
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
    fn sync_down(call: syncer::Call, virtual_object: objects::Object) -> Result<Vec<Intent>, Failure> {
        let answer = named::<C>(&call)?.sync_down(&Context::new(&call), Handle::new(virtual_object))?;
        Ok(answer.into())
    }

    fn sync(
        call: syncer::Call,
        physical: objects::Object,
        virtual_object: objects::Object,
    ) -> Result<Vec<Intent>, Failure> {
        let (physical, virtual_object) = (Handle::new(physical), Handle::new(virtual_object));
        let answer = named::<C>(&call)?.sync(&Context::new(&call), physical, virtual_object)?;
        Ok(answer.into())
    }

    fn sync_up(call: syncer::Call, physical: objects::Object) -> Result<Vec<Intent>, Failure> {
        let answer = named::<C>(&call)?.sync_up(&Context::new(&call), Handle::new(physical))?;
        Ok(answer.into())
    }

    fn translate(call: syncer::Call, virtual_object: objects::Object) -> Result<Body, Failure> {
        named::<C>(&call)?.translate(&Context::new(&call), Handle::new(virtual_object))
    }
}

fn named<C: Component>(call: &syncer::Call) -> Result<Box<dyn AnySyncer>, Failure> {
    let syncers = C::plugin().map_err(Failure::permanent)?.syncers();
    syncers
        .named(&call.syncer)
        .ok_or_else(|| Failure::permanent(format!("{} has no syncer {:?}", C::NAME, call.syncer)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Fixture;

    #[test]
    fn a_call_goes_to_the_syncer_that_it_names() {
        let name = |syncer: &str| {
            let call = syncer::Call { syncer: syncer.to_owned(), now: 0, attempt: 1 };
            named::<Fixture>(&call).map(|syncer| syncer.name())
        };
        assert_eq!(name("widgets"), Ok("widgets".to_owned()));
        assert_eq!(name("gadgets"), Err(Failure::permanent(r#"fixture has no syncer "gadgets""#)));
    }
}
