//! Answers with 16 MB where an object has 1.5 at most: tries to fill the memory of the runtime.

use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Intents, Physical, Syncer, Virtual};

struct Large;

impl Syncer for Large {
    type Object = Handle;
    const NAME: &'static str = "answer";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        Ok(Body::Whole(" ".repeat(16 << 20)))
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        Ok(Intents::none())
    }
}

sluice_sdk::plugin!(Large);
