//! Reads the token of the runtime, and writes files: tries to become the runtime.

use std::fs;

use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Intents, Physical, Syncer, Virtual};

struct Files;

impl Syncer for Files {
    type Object = Handle;
    const NAME: &'static str = "files";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        let token = fs::read_to_string("/var/run/secrets/kubernetes.io/serviceaccount/token");
        let written = fs::write("/tmp/files", "written").is_ok();
        Err(Failure::retry(format!("token: {token:?}, written: {written}")))
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        Ok(Intents::none())
    }
}

sluice_sdk::plugin!(Files);
