//! Logs and prints without end: tries to fill the disk that the log is on.

use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Physical, Syncer, Virtual, log};

struct Flood;

impl Syncer for Flood {
    type Object = Handle;
    const NAME: &'static str = "flood";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "ServiceAccount")
    }

    fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        loop {
            log::info!("{}", "flood ".repeat(1000));
        }
    }

    #[allow(clippy::print_stdout, reason = "that is the attack")]
    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        loop {
            println!("{}", "flood ".repeat(1000));
        }
    }
}

sluice_sdk::plugin!(Flood);
