//! NetworkPolicies have copies in the physical cluster. There the Pods of all virtual namespaces share one namespace, so
//! a copy selects by labels what the policy selects by namespaces: see [`scope`]. A policy that cannot be said like that
//! has no copy, and its owner is told; no copy allows more than its policy.

use sluice_sdk::k8s_openapi::api::networking::v1::{NetworkPolicy, NetworkPolicySpec};
use sluice_sdk::{Answer, Context, Failure, Physical, Syncer, Virtual};

use crate::scope::Scope;

mod scope;

struct NetworkPolicies;

impl Syncer for NetworkPolicies {
    type Object = NetworkPolicy;
    const NAME: &'static str = "network-policies";

    fn translate(&self, ctx: &Context, virtual_object: &Virtual<NetworkPolicy>) -> Result<NetworkPolicy, Failure> {
        let spec = Some(spec(ctx, virtual_object)?);
        Ok(NetworkPolicy { spec, ..ctx.translate_metadata(virtual_object) })
    }

    fn sync(
        &self,
        ctx: &Context,
        physical: &Physical<NetworkPolicy>,
        virtual_object: &Virtual<NetworkPolicy>,
    ) -> Answer {
        let mut updated = NetworkPolicy::clone(physical);
        if let Some(metadata) = ctx.translate_metadata_update(physical, virtual_object) {
            updated.metadata = metadata;
        }
        // If this fails, the copy stays as it is: without one, everything would be allowed.
        updated.spec = Some(spec(ctx, virtual_object)?);
        ctx.sync_down_update((updated != **physical).then_some(updated))
    }
}

fn spec(ctx: &Context, virtual_object: &NetworkPolicy) -> Result<NetworkPolicySpec, Failure> {
    let scope = Scope {
        virtual_cluster: ctx.virtual_cluster(),
        namespace: virtual_object.metadata.namespace.clone().unwrap_or_default(),
        translate: &|selector| ctx.translate_label_selector(selector),
    };
    scope.spec(virtual_object.spec.clone().unwrap_or_default()).map_err(Failure::permanent)
}

sluice_sdk::plugin!(NetworkPolicies);
