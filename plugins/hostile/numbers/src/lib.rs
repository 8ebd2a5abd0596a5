//! Answers with numbers that are none, or that fit nowhere: tries to have a parser panic, or to have written what never
//! compares equal to what is stored.

use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Intents, Physical, Syncer, Virtual};

struct Numbers;

impl Syncer for Numbers {
    type Object = Handle;
    const NAME: &'static str = "numbers";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn translate(&self, _: &Context, virtual_object: &Virtual<Handle>) -> Result<Body, Failure> {
        let digits = "1234567890".repeat(4);
        let (field, number) = match &*virtual_object.target().key.name {
            "infinite" => ("data", "1e999"),
            "nan" => ("data", "NaN"),
            "digits" => ("data", &*digits),
            "zero" => ("data", "-0"),
            "text" => ("data", r#"{"a":"NaN"}"#),
            "immutable" => ("immutable", "1e-400"),
            "beside" => ("spec", &*digits),
            _ => ("spec", "-0"),
        };
        Ok(Body::Whole(format!(r#"{{"metadata":{{"name":"a"}},"{field}":{number}}}"#)))
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        Ok(Intents::none())
    }
}

sluice_sdk::plugin!(Numbers);
