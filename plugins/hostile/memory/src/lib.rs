//! Allocates without end in `sync-down`: tries to take the memory of the runtime.

use sluice_sdk::k8s_openapi::api::core::v1::Secret;
use sluice_sdk::{Answer, Context, Failure, Intents, Physical, Syncer, Virtual};

struct Memory;

impl Syncer for Memory {
    type Object = Secret;
    const NAME: &'static str = "memory";

    fn translate(&self, _: &Context, _: &Virtual<Secret>) -> Result<Secret, Failure> {
        let mut hoard = Vec::new();
        loop {
            hoard.push(std::hint::black_box(Vec::<u8>::with_capacity(1 << 20)));
        }
    }

    fn sync(&self, _: &Context, _: &Physical<Secret>, _: &Virtual<Secret>) -> Answer {
        Ok(Intents::none())
    }
}

sluice_sdk::plugin!(Memory);
