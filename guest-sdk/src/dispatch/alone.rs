//! The contract's `virtual-syncer`.

use super::{AnySyncer, named};
use crate::bindings::imports::sluice::plugin::intents::{Call, Intent};
use crate::bindings::imports::sluice::plugin::objects;
use crate::bindings::virtual_syncer::exports::sluice::plugin::virtual_syncer;
use crate::component::Component;
use crate::registration::{self, Direction};
use crate::{Answer, Context, Failure, Handle, Key, Select, Virtual, VirtualSyncer, Watch};

pub(crate) struct Alone<S>(pub(crate) S);

impl<S: VirtualSyncer> AnySyncer for Alone<S> {
    fn name(&self) -> String {
        self.0.name()
    }

    fn registration(&self) -> registration::Syncer {
        let Self(syncer) = self;
        registration::Syncer {
            name: syncer.name(),
            kind: syncer.kind(),
            direction: Direction::Virtual,
            select: Select::all(),
            references: syncer.references(),
            names: None,
            watches: syncer.watches().into_iter().map(Watch::registered).collect(),
            finalizers: false,
            crd: None,
        }
    }

    fn watches(&self) -> Vec<Watch> {
        self.0.watches()
    }

    fn create(&self, ctx: &Context, wanted: &Key) -> Answer {
        ctx.sync_up_create(self.0.create(ctx, wanted)?)
    }

    fn keep(&self, ctx: &Context, virtual_object: Handle) -> Answer {
        self.0.sync(ctx, &Virtual::read(virtual_object)?)
    }
}

impl<C: Component> virtual_syncer::Guest for C {
    fn create(call: Call, wanted: Key) -> Result<Vec<Intent>, Failure> {
        Ok(named::<C>(&call)?.create(&Context::new(&call), &wanted)?.into())
    }

    fn sync(call: Call, virtual_object: objects::Object) -> Result<Vec<Intent>, Failure> {
        Ok(named::<C>(&call)?.keep(&Context::new(&call), Handle::new(virtual_object))?.into())
    }
}
