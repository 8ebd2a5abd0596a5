//! Panics at random, seeded by what it sees: tries to leave behind what is half done.

use std::hash::{DefaultHasher, Hash, Hasher};

use sluice_sdk::serde_json::json;
use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Physical, Syncer, Virtual};

struct Whim;

impl Syncer for Whim {
    type Object = Handle;
    const NAME: &'static str = "whim";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn translate(&self, ctx: &Context, virtual_object: &Virtual<Handle>) -> Result<Body, Failure> {
        let mut whim = DefaultHasher::new();
        (virtual_object.uid(), ctx.now().as_millisecond(), ctx.attempt()).hash(&mut whim);
        assert!(!whim.finish().is_multiple_of(3), "this plugin does not feel like it");
        Body::patch(&json!({}))
    }

    fn sync(&self, ctx: &Context, physical: &Physical<Handle>, virtual_object: &Virtual<Handle>) -> Answer {
        self.translate(ctx, virtual_object)?;
        ctx.carry_down(physical, virtual_object, ["/data"])
    }
}

sluice_sdk::plugin!(Whim);
