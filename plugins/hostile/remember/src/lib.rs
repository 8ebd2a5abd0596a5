//! Counts its calls in a static: tries to carry what it saw from one call to the next.

use std::sync::atomic::{AtomicU32, Ordering};

use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Intents, Physical, Syncer, Virtual};

static CALLS: AtomicU32 = AtomicU32::new(0);

struct Remember;

impl Syncer for Remember {
    type Object = Handle;
    const NAME: &'static str = "remember";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        let before = CALLS.fetch_add(1, Ordering::Relaxed);
        Err(Failure::retry(format!("called {before} times before")))
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        Ok(Intents::none())
    }
}

sluice_sdk::plugin!(Remember);
