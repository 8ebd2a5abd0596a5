use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{Map, parse};
use crate::bindings::imports::sluice::plugin::metadata;
use crate::{Context, Handle, Object, Physical, Virtual};

impl Context {
    /// The metadata that the physical object should have, if its labels or annotations should change; what others
    /// own there is kept. Take `labels` and `annotations` from it.
    pub fn translate_metadata_update<T: Object>(
        &self,
        physical: &Physical<T>,
        virtual_object: &Virtual<T>,
    ) -> Option<ObjectMeta> {
        let (physical, virtual_object) = (physical.handle(), virtual_object.handle());
        update(physical, &metadata::translate(virtual_object.raw(), Some(physical.raw())))
    }

    /// The other way: the metadata that the virtual object should have, if its labels or annotations should change.
    pub fn translate_metadata_update_up<T: Object>(
        &self,
        physical: &Physical<T>,
        virtual_object: &Virtual<T>,
    ) -> Option<ObjectMeta> {
        let (physical, virtual_object) = (physical.handle(), virtual_object.handle());
        update(virtual_object, &metadata::translate_up(physical.raw(), Some(virtual_object.raw())))
    }
}

// Not compiled here but with the plugin, whose objects bring the same parser of metadata: it is large.
#[inline]
fn update(copy: &Handle, updated: &str) -> Option<ObjectMeta> {
    let updated: ObjectMeta = parse(updated);
    let differs = |pointer, updated: &Option<Map>| {
        let current: Option<Map> = copy.get(pointer).map(|json| parse(&json));
        !current.iter().flatten().eq(updated.iter().flatten())
    };
    (differs("/metadata/labels", &updated.labels) || differs("/metadata/annotations", &updated.annotations))
        .then_some(updated)
}
