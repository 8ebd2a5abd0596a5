//! Calls itself without end in `sync-down`: tries to run over the stack of a worker thread.

use std::hint::black_box;

use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Intents, Physical, Syncer, Virtual};

struct Stack;

impl Syncer for Stack {
    type Object = Handle;
    const NAME: &'static str = "stack";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        Err(Failure::retry(deeper(0).to_string()))
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        Ok(Intents::none())
    }
}

#[allow(unconditional_recursion, reason = "that is the attack")]
fn deeper(depth: u64) -> u64 {
    1 + black_box(deeper(black_box(depth + 1)))
}

sluice_sdk::plugin!(Stack);
