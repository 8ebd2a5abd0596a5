//! Panics in `sync-down`: tries to take the runtime down with it.

use sluice_sdk::k8s_openapi::api::core::v1::Secret;
use sluice_sdk::{Answer, Context, Failure, Intents, Physical, Syncer, Virtual};

struct Trap;

impl Syncer for Trap {
    type Object = Secret;
    const NAME: &'static str = "trap";

    fn translate(&self, _: &Context, _: &Virtual<Secret>) -> Result<Secret, Failure> {
        panic!("this plugin panics whatever it is given")
    }

    fn sync(&self, _: &Context, _: &Physical<Secret>, _: &Virtual<Secret>) -> Answer {
        Ok(Intents::none())
    }
}

sluice_sdk::plugin!(Trap);
