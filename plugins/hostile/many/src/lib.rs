//! Asks for ten thousand things at once, of the sort that the name of a Secret says: tries to have so many written, or to
//! have the runtime think about them for long.

use std::time::Duration;

use sluice_sdk::serde_json::json;
use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Intents, Key, Physical, Side, Syncer, Target, Virtual};

struct Many;

impl Syncer for Many {
    type Object = Handle;
    const NAME: &'static str = "many";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        Body::patch(&json!({}))
    }

    fn sync_down(&self, ctx: &Context, virtual_object: &Virtual<Handle>) -> Answer {
        let good = ctx.sync_down_create(self.translate(ctx, virtual_object)?)?;
        let map = |at: usize| Target {
            side: Side::Virtual,
            gvk: Gvk::new("", "v1", "ConfigMap"),
            key: Key { namespace: Some("default".into()), name: format!("many-{at}") },
        };
        let name = virtual_object.target().key.name;
        Ok((0..10_000).fold(good, |intents, at| match &*name {
            "applies" => intents.apply(map(at), Body::Whole(r#"{"metadata":{"name":"a"}}"#.into())),
            "deletes" => intents.delete(map(at)),
            "removes" => intents.remove(Side::Physical),
            "desires" => intents.desire(Side::Physical, Body::MergePatch("{}".into())),
            "events" => intents.event("Many", "one of many"),
            _ => intents.requeue(Duration::ZERO),
        }))
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        Ok(Intents::none())
    }
}

sluice_sdk::plugin!(Many);
