//! A kind that is copied up: content with its patches, and the status.

use sluice_sdk::{Answer, Context, Dynamic, Failure, Gvk, Names, Physical, Select, UpSyncer, Virtual};

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
        let scene = Scene { ctx, source: physical, copy: &physical.counterpart() };
        content::replace(&mut copy, self.0.content(&scene)?);
        Ok(copy)
    }

    fn sync(&self, ctx: &Context, physical: &Physical<Dynamic>, virtual_object: &Virtual<Dynamic>) -> Answer {
        let mut updated = Dynamic::clone(virtual_object);
        content::relabel(&mut updated, ctx.translate_metadata_update_up(physical, virtual_object));
        let scene = Scene { ctx, source: physical, copy: &physical.counterpart() };
        content::replace(&mut updated, self.0.content(&scene)?);
        let intents = ctx.sync_up_update((updated != **virtual_object).then_some(updated))?;
        self.0.status_up(ctx, physical, virtual_object, intents)
    }
}
