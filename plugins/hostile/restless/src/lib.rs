//! Wants to be called again at once, for ever: tries to keep the queue and the workers to itself.

use std::time::Duration;

use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Intents, Physical, Syncer, Virtual};

struct Restless;

impl Syncer for Restless {
    type Object = Handle;
    const NAME: &'static str = "restless";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        Err(Failure::permanent("not called"))
    }

    fn sync_down(&self, _: &Context, _: &Virtual<Handle>) -> Answer {
        Ok((0..60).fold(Intents::none(), |intents, _| intents.requeue(Duration::ZERO)))
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        Ok(Intents::none())
    }
}

sluice_sdk::plugin!(Restless);
