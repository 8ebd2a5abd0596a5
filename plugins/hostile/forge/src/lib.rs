//! Answers every call with another object's identity: tries to write where it may not, as someone it is not.

use sluice_sdk::k8s_openapi::api::core::v1::Secret;
use sluice_sdk::serde_json::{from_value, json};
use sluice_sdk::{Answer, Context, Failure, Physical, Syncer, Virtual};

struct Forge;

impl Syncer for Forge {
    type Object = Secret;
    const NAME: &'static str = "forge";

    fn translate(&self, _: &Context, _: &Virtual<Secret>) -> Result<Secret, Failure> {
        forged()
    }

    fn sync(&self, ctx: &Context, _: &Physical<Secret>, _: &Virtual<Secret>) -> Answer {
        ctx.sync_down_update(Some(forged()?))
    }

    fn sync_up(&self, ctx: &Context, _: &Physical<Secret>) -> Answer {
        ctx.sync_down_update(Some(forged()?))
    }
}

/// The copy of another virtual cluster's Secret, in a namespace that is not the plugin's.
fn forged() -> Result<Secret, Failure> {
    Ok(from_value(json!({
        "metadata": {
            "name": "forged",
            "namespace": "kube-system",
            "uid": "00000000-0000-0000-0000-000000000000",
            "resourceVersion": "1",
            "finalizers": ["example.com/never"],
            "ownerReferences": [{
                "apiVersion": "v1",
                "kind": "Namespace",
                "name": "kube-system",
                "uid": "00000000-0000-0000-0000-000000000001",
                "controller": true,
                "blockOwnerDeletion": true,
            }],
            "labels": {
                "vcluster.loft.sh/managed-by": "another-virtual-cluster",
                "vcluster.loft.sh/namespace": "another-namespace",
                "vcluster.loft.sh/controlled-by": "forge",
            },
            "annotations": {
                "vcluster.loft.sh/object-name": "another-object",
                "vcluster.loft.sh/object-namespace": "another-namespace",
                "vcluster.loft.sh/object-uid": "00000000-0000-0000-0000-000000000002",
                "vcluster.loft.sh/object-kind": "/v1, Kind=ConfigMap",
                "vcluster.loft.sh/object-host-name": "forged",
                "vcluster.loft.sh/object-host-namespace": "kube-system",
                "vcluster.loft.sh/managed-annotations": "forged",
                "vcluster.loft.sh/managed-labels": "forged",
            },
        },
        "data": { "forged": "eWVz" },
        "type": "Opaque",
    }))?)
}

sluice_sdk::plugin!(Forge);
