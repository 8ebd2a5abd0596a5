//! Takes the time by itself, and sleeps: tries to measure what others do, and to hold a worker without fuel.

use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Intents, Physical, Syncer, Virtual};

struct Clocks;

impl Syncer for Clocks {
    type Object = Handle;
    const NAME: &'static str = "clocks";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        let began = Instant::now();
        sleep(Duration::from_secs(3600));
        Err(Failure::retry(format!("{:?} until {:?}", began.elapsed(), SystemTime::now())))
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        Ok(Intents::none())
    }
}

sluice_sdk::plugin!(Clocks);
