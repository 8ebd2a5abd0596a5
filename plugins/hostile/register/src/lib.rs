//! Panics while registering: tries to take the runtime down before it runs.

use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Intents, Physical, Syncer, Virtual};

struct Register;

impl Syncer for Register {
    type Object = Handle;
    const NAME: &'static str = "register";

    fn kind(&self) -> Gvk {
        panic!("this plugin does not even register")
    }

    fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        Err(Failure::permanent("not called"))
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        Ok(Intents::none())
    }
}

sluice_sdk::plugin!(Register);
