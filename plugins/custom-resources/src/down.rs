//! A kind that is copied down: content with its patches, and the status back.

use sluice_sdk::{Answer, Context, Dynamic, Failure, Gvk, Physical, Select, Syncer, Virtual};

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
        let scene = Scene { ctx, source: virtual_object, copy: &virtual_object.counterpart() };
        content::replace(&mut copy, self.0.content(&scene)?);
        Ok(copy)
    }

    fn sync(&self, ctx: &Context, physical: &Physical<Dynamic>, virtual_object: &Virtual<Dynamic>) -> Answer {
        let mut updated = Dynamic::clone(physical);
        content::relabel(&mut updated, ctx.translate_metadata_update(physical, virtual_object));
        let scene = Scene { ctx, source: virtual_object, copy: &virtual_object.counterpart() };
        content::replace(&mut updated, self.0.content(&scene)?);
        let intents = ctx.sync_down_update((updated != **physical).then_some(updated))?;
        self.0.status_up(ctx, physical, virtual_object, intents)
    }
}
