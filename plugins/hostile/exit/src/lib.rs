//! Ends the program that runs it, as the name of a Secret says: tries to take the runtime with it.

use std::process;

use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Intents, Physical, Syncer, Virtual};

struct Exit;

impl Syncer for Exit {
    type Object = Handle;
    const NAME: &'static str = "exit";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn translate(&self, _: &Context, virtual_object: &Virtual<Handle>) -> Result<Body, Failure> {
        match &*virtual_object.target().key.name {
            "abort" => process::abort(),
            "well" => process::exit(0),
            _ => process::exit(1),
        }
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        Ok(Intents::none())
    }
}

sluice_sdk::plugin!(Exit);
