//! Answers with JSON that is nested 100,000 deep: tries to run a parser of the runtime over its stack.

use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Intents, Physical, Syncer, Virtual};

struct Deep;

impl Syncer for Deep {
    type Object = Handle;
    const NAME: &'static str = "deep";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn translate(&self, _: &Context, virtual_object: &Virtual<Handle>) -> Result<Body, Failure> {
        let lists = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let maps = format!("{}1{}", r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
        Ok(match &*virtual_object.target().key.name {
            "lists" => Body::Whole(format!(r#"{{"metadata":{{"name":"a"}},"data":{lists}}}"#)),
            "maps" => Body::Whole(maps),
            "patch" => Body::MergePatch(maps),
            "field" => Body::fields([("/data", Some(lists))]),
            _ => Body::fields([(&*"/a".repeat(100_000), Some("1".into()))]),
        })
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        Ok(Intents::none())
    }
}

sluice_sdk::plugin!(Deep);
