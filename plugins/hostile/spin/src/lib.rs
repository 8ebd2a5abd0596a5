//! Never returns from `sync-down`: tries to hold a worker of the runtime for ever.

use sluice_sdk::k8s_openapi::api::core::v1::Secret;
use sluice_sdk::{Answer, Context, Failure, Intents, Physical, Syncer, Virtual};

struct Spin;

impl Syncer for Spin {
    type Object = Secret;
    const NAME: &'static str = "spin";

    fn translate(&self, _: &Context, _: &Virtual<Secret>) -> Result<Secret, Failure> {
        loop {
            std::hint::spin_loop();
        }
    }

    fn sync(&self, _: &Context, _: &Physical<Secret>, _: &Virtual<Secret>) -> Answer {
        Ok(Intents::none())
    }
}

sluice_sdk::plugin!(Spin);
