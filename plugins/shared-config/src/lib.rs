//! ConfigMaps labelled `sluice.example.com/shared: "true"` have a copy in the physical cluster whose data both sides may
//! change, key by key: what was changed on one side comes to the other. Where both changed the same key, the virtual
//! cluster wins. All else of the copy follows the virtual ConfigMap.

use sluice_sdk::k8s_openapi::api::core::v1::ConfigMap;
use sluice_sdk::{
    Answer, Ask, Body, Context, Failure, Intents, Physical, Plugin, Select, Side, Syncer, Syncers, Verb, Virtual, merge,
};

struct SharedConfig;

impl Syncer for SharedConfig {
    type Object = ConfigMap;
    const NAME: &'static str = "shared-config";

    fn select(&self) -> Select {
        Select::all().labels("sluice.example.com/shared=true")
    }

    fn translate(&self, ctx: &Context, virtual_object: &Virtual<ConfigMap>) -> Result<ConfigMap, Failure> {
        Ok(ctx.translate_metadata(virtual_object))
    }

    fn sync(&self, ctx: &Context, physical: &Physical<ConfigMap>, virtual_object: &Virtual<ConfigMap>) -> Answer {
        let data = Some(merge::settled(physical, virtual_object, |object| object.data.as_ref())?);
        let up = ConfigMap { data: data.clone(), ..ConfigMap::clone(virtual_object) };
        let mut down = ConfigMap { data, metadata: physical.metadata.clone(), ..ConfigMap::clone(virtual_object) };
        if let Some(metadata) = ctx.translate_metadata_update(physical, virtual_object) {
            down.metadata = metadata;
        }
        // Whichever of them is so already is not written.
        Ok(Intents::none().desire(Side::Physical, Body::whole(&down)?).desire(Side::Virtual, Body::whole(&up)?))
    }
}

impl Plugin for SharedConfig {
    type Config = ();

    fn new((): ()) -> Result<Self, String> {
        Ok(Self)
    }

    fn syncers(self) -> Syncers {
        Syncers::new().down(self)
    }

    /// What is copied is somebody else's: to change it too takes a grant.
    fn asks(&self) -> Vec<Ask> {
        vec![Ask::new(Side::Virtual, "", "ConfigMap").verbs([Verb::Update])]
    }
}

sluice_sdk::plugin!(impl SharedConfig);
