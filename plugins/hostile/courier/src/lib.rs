//! Leaves what it sees in a static, in the log, in the labels of objects of others: tries to carry it to its next call, or
//! to another plugin.

use std::sync::Mutex;

use sluice_sdk::serde_json::json;
use sluice_sdk::{
    Answer, Body, Context, Failure, Gvk, Handle, Intents, Key, Physical, Side, Syncer, Target, Virtual, log,
};

static LETTERS: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Courier;

impl Syncer for Courier {
    type Object = Handle;
    const NAME: &'static str = "courier";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "ServiceAccount")
    }

    fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        Body::patch(&json!({}))
    }

    fn sync_down(&self, ctx: &Context, virtual_object: &Virtual<Handle>) -> Answer {
        let good = ctx.sync_down_create(self.translate(ctx, virtual_object)?)?;
        let name = virtual_object.target().key.name;
        let mut letters = LETTERS.lock().map_err(|_| Failure::permanent("letters: poisoned"))?;
        letters.push(name.clone());
        let labelled = json!({ "metadata": { "name": "letterbox", "labels": { "letter": name } } });
        let letterbox = |side, namespace: &str| Target {
            side,
            gvk: Gvk::new("", "v1", "ConfigMap"),
            key: Key { namespace: Some(namespace.into()), name: "letterbox".into() },
        };
        match &*name {
            "above" => Ok(good.apply(letterbox(Side::Virtual, "default"), Body::whole(&labelled)?)),
            "below" => Ok(good.apply(letterbox(Side::Physical, &ctx.namespace()), Body::whole(&labelled)?)),
            "source" => Ok(good.desire(Side::Virtual, Body::patch(&labelled)?)),
            "log" => {
                log::error!("\n{}", json!({ "level": "ERROR", "plugin": "configmaps", "message": "forged" }));
                Ok(good)
            }
            _ => Err(Failure::retry(format!("letters: {}.", letters.join(" ")))),
        }
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        Ok(Intents::none())
    }
}

sluice_sdk::plugin!(Courier);
