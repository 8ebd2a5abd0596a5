//! A kind that is copied down: content with its patches, and the status back.

use sluice_sdk::serde_json::json;
use sluice_sdk::{Answer, Body, Context, Dynamic, Failure, Gvk, Intents, Physical, Select, Side, Syncer, Virtual};

use crate::config::Resource;
use crate::content;
use crate::patch::Scene;

pub(crate) struct Down(pub(crate) Resource);

impl Syncer for Down {
    type Object = Dynamic;
    const NAME: &'static str = "down";

    fn name(&self) -> String {
        self.0.name()
    }

    fn kind(&self) -> Gvk {
        self.0.gvk()
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

    fn translate(&self, ctx: &Context, virtual_object: &Virtual<Dynamic>) -> Result<Dynamic, Failure> {
        let mut copy = ctx.translate_metadata(virtual_object);
        content::replace(&mut copy, self.content(ctx, virtual_object)?);
        Ok(copy)
    }

    fn sync(&self, ctx: &Context, physical: &Physical<Dynamic>, virtual_object: &Virtual<Dynamic>) -> Answer {
        let mut updated = Dynamic::clone(physical);
        if let Some(metadata) = ctx.translate_metadata_update(physical, virtual_object) {
            updated["metadata"]["labels"] = json!(metadata.labels);
            updated["metadata"]["annotations"] = json!(metadata.annotations);
        }
        content::replace(&mut updated, self.content(ctx, virtual_object)?);
        let intents = ctx.sync_down_update((updated != **physical).then_some(updated))?;
        if self.0.status { self.status_up(ctx, physical, virtual_object, intents) } else { Ok(intents) }
    }
}

impl Down {
    /// What the copy holds.
    fn content(
        &self,
        ctx: &Context,
        virtual_object: &Virtual<Dynamic>,
    ) -> Result<sluice_sdk::serde_json::Value, Failure> {
        let mut content = content::of(virtual_object);
        let copy = virtual_object.counterpart();
        let scene = Scene { ctx, source: virtual_object, copy: &copy };
        self.0.patches.iter().try_for_each(|patch| patch.apply(&scene, &mut content))?;
        Ok(content)
    }

    fn status_up(
        &self,
        ctx: &Context,
        physical: &Physical<Dynamic>,
        virtual_object: &Virtual<Dynamic>,
        intents: Intents,
    ) -> Answer {
        let mut updated = json!({ "status": physical["status"] });
        let copy = physical.counterpart();
        let scene = Scene { ctx, source: physical, copy: &copy };
        self.0.status_patches.iter().try_for_each(|patch| patch.apply(&scene, &mut updated))?;
        if updated["status"] == virtual_object["status"] {
            return Ok(intents);
        }
        let status = updated["status"].to_string();
        Ok(intents.desire_status(Side::Virtual, Body::fields([("/status", Some(status))])))
    }
}
