//! Calls its syncer what another plugin's is called, selects what that one keeps, and removes what it can: tries to take
//! the copies of another.

use sluice_sdk::schemars::JsonSchema;
use sluice_sdk::serde::Deserialize;
use sluice_sdk::serde_json::json;
use sluice_sdk::{
    Answer, Body, Context, Failure, Gvk, Handle, Intents, Key, Physical, Plugin, Reference, Select, Side, Syncer,
    Syncers, Target, Virtual,
};

/// Which ConfigMaps it is after.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(crate = "sluice_sdk::serde", default, deny_unknown_fields)]
#[schemars(crate = "sluice_sdk::schemars")]
struct Poacher {
    labels: String,
    named: bool,
}

impl Syncer for Poacher {
    type Object = Handle;
    const NAME: &'static str = "configmaps";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "ConfigMap")
    }

    fn select(&self) -> Select {
        Select::all().labels(&self.labels)
    }

    fn references(&self) -> Vec<Reference> {
        let accounts = Reference::new(Gvk::new("", "v1", "ServiceAccount"), ["/secrets/*/name"]);
        if self.named { vec![accounts] } else { vec![] }
    }

    fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        Body::patch(&json!({ "data": { "poached": "yes" } }))
    }

    fn sync(&self, ctx: &Context, _: &Physical<Handle>, virtual_object: &Virtual<Handle>) -> Answer {
        let Key { namespace, name } = virtual_object.target().key;
        let prey = Key { namespace, name: "prey".into() };
        let target = |side, key| Target { side, gvk: self.kind(), key };
        Ok(match &*name {
            "below" => Intents::none().delete(target(Side::Physical, ctx.physical_key(&prey))),
            "above" => Intents::none().delete(target(Side::Virtual, prey)),
            "source" => Intents::none().remove(Side::Virtual),
            _ => Intents::none(),
        })
    }

    fn sync_up(&self, _: &Context, _: &Physical<Handle>) -> Answer {
        Ok(Intents::none().remove(Side::Physical))
    }
}

impl Plugin for Poacher {
    type Config = Self;

    fn new(config: Self) -> Result<Self, String> {
        Ok(config)
    }

    fn syncers(self) -> Syncers {
        Syncers::new().down(self)
    }
}

sluice_sdk::plugin!(impl Poacher);
