//! Wants its copy where a stranger stands, and markers in it that point to another virtual object: tries to become the
//! keeper of what is not its own, and to have a neighbour take its copy for one of theirs.

use sluice_sdk::serde_json::json;
use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Intents, Physical, Side, Syncer, Virtual};

struct Squatter;

impl Syncer for Squatter {
    type Object = Handle;
    const NAME: &'static str = "squatter";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn translate(&self, ctx: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        Body::whole(&json!({
            "metadata": {
                "name": "stranger",
                "labels": { "vcluster.loft.sh/namespace": "kube-system" },
                "annotations": {
                    "vcluster.loft.sh/object-name": "victim",
                    "vcluster.loft.sh/object-namespace": "kube-system",
                    "vcluster.loft.sh/object-kind": "/v1, Kind=ConfigMap",
                    "vcluster.loft.sh/object-host-name": "stranger",
                    "vcluster.loft.sh/object-host-namespace": ctx.namespace(),
                    "vcluster.loft.sh/object-syncer": "configmaps/configmaps",
                },
            },
            "data": { "a": "MQ==" },
        }))
    }

    fn sync(&self, ctx: &Context, _: &Physical<Handle>, virtual_object: &Virtual<Handle>) -> Answer {
        Ok(Intents::none().desire(Side::Physical, self.translate(ctx, virtual_object)?))
    }
}

sluice_sdk::plugin!(Squatter);
