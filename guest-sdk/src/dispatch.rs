//! The contract's `syncer`: each call goes to the syncer that it names.

use crate::bindings::imports::sluice::plugin::intents::Intent;
use crate::bindings::imports::sluice::plugin::objects;
use crate::bindings::syncer::exports::sluice::plugin::syncer;
use crate::plugin::Plugin;
use crate::{Answer, Body, Context, Failure, Form, Gvk, Handle, Physical, Syncer, Virtual};

/// A [`Syncer`] of whatever kind.
pub trait AnySyncer {
    /// [`Syncer::NAME`].
    fn name(&self) -> &'static str;
    /// [`Syncer::kind`].
    fn kind(&self) -> Gvk;
    /// [`Syncer::translate`].
    fn translate(&self, ctx: &Context, virtual_object: Handle) -> Result<Body, Failure>;
    /// [`Syncer::sync_down`].
    fn sync_down(&self, ctx: &Context, virtual_object: Handle) -> Answer;
    /// [`Syncer::sync`].
    fn sync(&self, ctx: &Context, physical: Handle, virtual_object: Handle) -> Answer;
    /// [`Syncer::sync_up`].
    fn sync_up(&self, ctx: &Context, physical: Handle) -> Answer;
}

impl<S: Syncer> AnySyncer for S {
    fn name(&self) -> &'static str {
        S::NAME
    }

    fn kind(&self) -> Gvk {
        Syncer::kind(self)
    }

    fn translate(&self, ctx: &Context, virtual_object: Handle) -> Result<Body, Failure> {
        Syncer::translate(self, ctx, &Virtual::read(virtual_object)?)?.body()
    }

    fn sync_down(&self, ctx: &Context, virtual_object: Handle) -> Answer {
        Syncer::sync_down(self, ctx, &Virtual::read(virtual_object)?)
    }

    fn sync(&self, ctx: &Context, physical: Handle, virtual_object: Handle) -> Answer {
        Syncer::sync(self, ctx, &Physical::read(physical)?, &Virtual::read(virtual_object)?)
    }

    fn sync_up(&self, ctx: &Context, physical: Handle) -> Answer {
        Syncer::sync_up(self, ctx, &Physical::read(physical)?)
    }
}

impl<P: Plugin> syncer::Guest for P {
    fn sync_down(call: syncer::Call, virtual_object: objects::Object) -> Result<Vec<Intent>, Failure> {
        let answer = named::<P>(&call)?.sync_down(&Context::new(&call), Handle::new(virtual_object))?;
        Ok(answer.into())
    }

    fn sync(
        call: syncer::Call,
        physical: objects::Object,
        virtual_object: objects::Object,
    ) -> Result<Vec<Intent>, Failure> {
        let (physical, virtual_object) = (Handle::new(physical), Handle::new(virtual_object));
        let answer = named::<P>(&call)?.sync(&Context::new(&call), physical, virtual_object)?;
        Ok(answer.into())
    }

    fn sync_up(call: syncer::Call, physical: objects::Object) -> Result<Vec<Intent>, Failure> {
        let answer = named::<P>(&call)?.sync_up(&Context::new(&call), Handle::new(physical))?;
        Ok(answer.into())
    }

    fn translate(call: syncer::Call, virtual_object: objects::Object) -> Result<Body, Failure> {
        named::<P>(&call)?.translate(&Context::new(&call), Handle::new(virtual_object))
    }
}

fn named<P: Plugin>(call: &syncer::Call) -> Result<Box<dyn AnySyncer>, Failure> {
    P::syncers()
        .into_iter()
        .find(|syncer| syncer.name() == call.syncer)
        .ok_or_else(|| Failure::permanent(format!("{} has no syncer {:?}", P::NAME, call.syncer)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Both;

    #[test]
    fn a_call_goes_to_the_syncer_that_it_names() {
        let name = |syncer: &str| {
            let call = syncer::Call { syncer: syncer.to_owned(), now: 0, attempt: 1 };
            named::<Both>(&call).map(|syncer| syncer.name())
        };
        assert_eq!(name("widgets"), Ok("widgets"));
        assert_eq!(name("gadgets"), Err(Failure::permanent(r#"both has no syncer "gadgets""#)));
    }
}
