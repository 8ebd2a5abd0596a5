//! Reads its object without end in `sync-down`: tries to keep the runtime busy at little cost of its own.

use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Intents, Physical, Syncer, Virtual};

struct Reads;

impl Syncer for Reads {
    type Object = Handle;
    const NAME: &'static str = "reads";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn translate(&self, _: &Context, virtual_object: &Virtual<Handle>) -> Result<Body, Failure> {
        loop {
            std::hint::black_box(virtual_object.json());
        }
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        Ok(Intents::none())
    }
}

sluice_sdk::plugin!(Reads);
