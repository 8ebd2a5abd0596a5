//! The plugin of vCluster's tutorial: every ConfigMap of the virtual cluster has a copy in the physical one, and what
//! changes in the virtual one changes in the copy. Its config may leave some out, by namespace or by label.

use sluice_sdk::k8s_openapi::api::core::v1::ConfigMap;
use sluice_sdk::{Answer, Context, Failure, Physical, Plugin, Select, Syncer, Syncers, Virtual};

struct ConfigMaps {
    select: Select,
}

impl Syncer for ConfigMaps {
    type Object = ConfigMap;
    const NAME: &'static str = "configmaps";

    fn select(&self) -> Select {
        self.select.clone()
    }

    fn sync_down(&self, ctx: &Context, virtual_object: &Virtual<ConfigMap>) -> Answer {
        ctx.sync_down_create(self.translate(ctx, virtual_object)?)
    }

    fn translate(&self, ctx: &Context, virtual_object: &Virtual<ConfigMap>) -> Result<ConfigMap, Failure> {
        Ok(ctx.translate_metadata(virtual_object))
    }

    fn sync(&self, ctx: &Context, physical: &Physical<ConfigMap>, virtual_object: &Virtual<ConfigMap>) -> Answer {
        ctx.sync_down_update(translate_update(ctx, physical, virtual_object))
    }
}

/// The physical ConfigMap as it should be, if it is not.
fn translate_update(
    ctx: &Context,
    physical: &Physical<ConfigMap>,
    virtual_object: &Virtual<ConfigMap>,
) -> Option<ConfigMap> {
    let mut updated = ConfigMap::clone(physical);
    if let Some(metadata) = ctx.translate_metadata_update(physical, virtual_object) {
        updated.metadata.annotations = metadata.annotations;
        updated.metadata.labels = metadata.labels;
    }
    copy_content(virtual_object, &mut updated);
    (updated != **physical).then_some(updated)
}

/// All that a ConfigMap has besides metadata.
fn copy_content(from: &ConfigMap, to: &mut ConfigMap) {
    to.data.clone_from(&from.data);
    to.binary_data.clone_from(&from.binary_data);
    to.immutable = from.immutable;
}

impl Plugin for ConfigMaps {
    type Config = Select;

    fn new(select: Select) -> Result<Self, String> {
        Ok(Self { select })
    }

    fn syncers(self) -> Syncers {
        Syncers::new().down(self)
    }
}

sluice_sdk::plugin!(impl ConfigMaps);

#[cfg(test)]
mod tests {
    use sluice_sdk::serde_json::{Value, from_value, json, to_value};

    use super::*;

    fn config_map(json: Value) -> ConfigMap {
        from_value(json).expect("a ConfigMap")
    }

    #[test]
    fn content_is_copied_and_metadata_is_not() {
        let virtual_object = config_map(json!({
            "metadata": { "name": "settings", "namespace": "default", "uid": "1" },
            "data": { "colour": "blue" },
            "binaryData": { "logo": "iVBORw==" },
            "immutable": true,
        }));
        let mut physical = config_map(json!({
            "metadata": { "name": "settings-x-default-x-team", "namespace": "team", "uid": "2" },
            "data": { "colour": "red", "size": "large" },
        }));

        copy_content(&virtual_object, &mut physical);

        let expected = json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": { "name": "settings-x-default-x-team", "namespace": "team", "uid": "2" },
            "data": { "colour": "blue" },
            "binaryData": { "logo": "iVBORw==" },
            "immutable": true,
        });
        assert_eq!(to_value(&physical).expect("JSON"), expected);
    }

    #[test]
    fn content_that_went_goes_from_the_copy() {
        let virtual_object = config_map(json!({ "metadata": {} }));
        let mut physical = config_map(
            json!({ "metadata": {}, "data": { "a": "1" }, "binaryData": { "b": "AA==" }, "immutable": false }),
        );

        copy_content(&virtual_object, &mut physical);

        assert_eq!(physical, virtual_object);
    }
}
