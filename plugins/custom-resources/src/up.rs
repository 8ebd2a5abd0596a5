//! A kind that is copied up: content with its patches, and the status.

use sluice_sdk::serde_json::{Value, json};
use sluice_sdk::{Answer, Body, Context, Dynamic, Failure, Gvk, Key, Names, Physical, Select, Side, UpSyncer, Virtual};

use crate::config::Resource;
use crate::content;
use crate::patch::Scene;

pub(crate) struct Up(pub(crate) Resource);

impl UpSyncer for Up {
    type Object = Dynamic;
    const NAME: &'static str = "up";

    fn name(&self) -> String {
        self.0.name()
    }

    fn kind(&self) -> Gvk {
        self.0.gvk()
    }

    fn names(&self) -> Names {
        self.0.names.clone().unwrap_or(Names::Same)
    }

    fn select(&self) -> Select {
        self.0.select.clone()
    }

    fn finalizers(&self) -> bool {
        self.0.finalizers
    }

    fn crd(&self) -> Option<String> {
        self.0.crd.clone()
    }

    fn translate(&self, ctx: &Context, physical: &Physical<Dynamic>) -> Result<Dynamic, Failure> {
        let mut copy = ctx.translate_metadata_up(physical);
        content::replace(&mut copy, self.content(ctx, physical, &physical.counterpart())?);
        Ok(copy)
    }

    fn sync(&self, ctx: &Context, physical: &Physical<Dynamic>, virtual_object: &Virtual<Dynamic>) -> Answer {
        let mut updated = Dynamic::clone(virtual_object);
        if let Some(metadata) = ctx.translate_metadata_update_up(physical, virtual_object) {
            updated["metadata"]["labels"] = json!(metadata.labels);
            updated["metadata"]["annotations"] = json!(metadata.annotations);
        }
        let key = physical.counterpart();
        content::replace(&mut updated, self.content(ctx, physical, &key)?);
        let intents = ctx.sync_up_update((updated != **virtual_object).then_some(updated))?;
        let mut status = json!({ "status": physical["status"] });
        let scene = Scene { ctx, source: physical, copy: &key };
        self.0.status_patches.iter().try_for_each(|patch| patch.apply(&scene, &mut status))?;
        if !self.0.status || status["status"] == virtual_object["status"] {
            return Ok(intents);
        }
        let status = status["status"].to_string();
        Ok(intents.desire_status(Side::Virtual, Body::fields([("/status", Some(status))])))
    }
}

impl Up {
    fn content(&self, ctx: &Context, physical: &Physical<Dynamic>, copy: &Key) -> Result<Value, Failure> {
        let mut content = content::of(physical);
        let scene = Scene { ctx, source: physical, copy };
        self.0.patches.iter().try_for_each(|patch| patch.apply(&scene, &mut content))?;
        Ok(content)
    }
}
