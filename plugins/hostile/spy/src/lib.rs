//! Looks around for what it was not given, and in `sync` ends the program that runs it.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::{env, io};

use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Physical, Syncer, Virtual};

struct Spy;

impl Syncer for Spy {
    type Object = Handle;
    const NAME: &'static str = "spy";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        let (variables, arguments) = (env::vars_os().count(), env::args_os().count());
        let input = io::read_to_string(io::stdin()).unwrap_or_else(|error| error.to_string());
        let seed = RandomState::new().hash_one(0);
        Err(Failure::retry(format!("{variables} variables, {arguments} arguments, input {input:?}, seed {seed}")))
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        std::process::exit(0)
    }
}

sluice_sdk::plugin!(Spy);
