//! The ClusterRoles of the virtual cluster have copies in the physical one, save those that Kubernetes makes itself:
//! the physical cluster has its own.

use sluice_sdk::k8s_openapi::api::rbac::v1::ClusterRole;
use sluice_sdk::{Answer, Context, Failure, Physical, Select, Syncer, Virtual};

struct ClusterRoles;

impl Syncer for ClusterRoles {
    type Object = ClusterRole;
    const NAME: &'static str = "cluster-roles";

    fn select(&self) -> Select {
        Select::all().labels("!kubernetes.io/bootstrapping")
    }

    /// Without its aggregationRule: below, that would gather rules from roles that are none of this virtual cluster's.
    /// Nothing is lost, as the rules hold what was gathered above.
    fn translate(&self, ctx: &Context, virtual_object: &Virtual<ClusterRole>) -> Result<ClusterRole, Failure> {
        Ok(ClusterRole { aggregation_rule: None, ..ctx.translate_metadata(virtual_object) })
    }

    fn sync(&self, ctx: &Context, physical: &Physical<ClusterRole>, virtual_object: &Virtual<ClusterRole>) -> Answer {
        ctx.carry_down(physical, virtual_object, ["/rules"])
    }
}

sluice_sdk::plugin!(ClusterRoles);
