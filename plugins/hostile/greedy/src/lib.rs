//! Registers watches of all Secrets of both sides, and what all Pods name: tries to be shown what nobody granted it.

use sluice_sdk::serde_json::json;
use sluice_sdk::{
    Answer, Body, Concern, Context, Failure, Gvk, Handle, Intents, Physical, Plugin, Reference, Side, Syncer, Syncers,
    Virtual, Watch,
};

struct Greedy;

impl Syncer for Greedy {
    type Object = Handle;
    const NAME: &'static str = "greedy";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "ServiceAccount")
    }

    fn references(&self) -> Vec<Reference> {
        vec![Reference::new(Gvk::new("", "v1", "Pod"), ["/spec/serviceAccountName"])]
    }

    fn watches(&self) -> Vec<Watch> {
        let all = |side, name| Watch::of_kind(side, name, Gvk::new("", "v1", "Secret"), |_: &Handle| Concern::All);
        vec![all(Side::Virtual, "above"), all(Side::Physical, "below")]
    }

    fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        Body::patch(&json!({}))
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        Ok(Intents::none())
    }
}

impl Plugin for Greedy {
    type Config = ();

    fn new((): ()) -> Result<Self, String> {
        Ok(Self)
    }

    fn syncers(self) -> Syncers {
        Syncers::new().down(self)
    }
}

sluice_sdk::plugin!(impl Greedy: syncer watch);
