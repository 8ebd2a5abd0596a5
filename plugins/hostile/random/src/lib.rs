//! Looks for randomness in what seeds a HashMap: tries to behave in a way that nobody can repeat.

use std::collections::HashMap;

use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Intents, Physical, Syncer, Virtual};

struct Random;

impl Syncer for Random {
    type Object = Handle;
    const NAME: &'static str = "random";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "ServiceAccount")
    }

    fn translate(&self, ctx: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        let map: HashMap<u32, ()> = (0..100).map(|at| (at, ())).collect();
        let order: Vec<_> = map.keys().map(u32::to_string).collect();
        Err(Failure::retry(format!("at {}: {}.", ctx.now().as_millisecond(), order.join(" "))))
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        Ok(Intents::none())
    }
}

sluice_sdk::plugin!(Random);
