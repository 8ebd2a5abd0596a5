//! The StorageClasses of the physical cluster appear in the virtual one under their own names, so that a tenant sees
//! what there is to claim.

use sluice_sdk::k8s_openapi::api::storage::v1::StorageClass;
use sluice_sdk::{Answer, Context, Failure, Names, Physical, UpSyncer, Virtual};

struct StorageClasses;

impl UpSyncer for StorageClasses {
    type Object = StorageClass;
    const NAME: &'static str = "storage-classes";

    fn names(&self) -> Names {
        Names::Same
    }

    fn translate(&self, ctx: &Context, physical: &Physical<StorageClass>) -> Result<StorageClass, Failure> {
        Ok(ctx.translate_metadata_up(physical))
    }

    /// Only what an API server lets anybody change. Whoever wants the rest otherwise makes the class anew, and the
    /// runtime replaces the copy of a class that was made anew.
    fn sync(&self, ctx: &Context, physical: &Physical<StorageClass>, virtual_object: &Virtual<StorageClass>) -> Answer {
        ctx.carry_up(physical, virtual_object, ["/allowVolumeExpansion", "/allowedTopologies", "/mountOptions"])
    }
}

sluice_sdk::plugin!(up StorageClasses);
