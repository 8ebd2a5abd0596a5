//! What stands in the physical cluster, and what should. The rules are vCluster's, written down once more: nothing
//! here calls the code under test.

use super::{Stage, namespace};
use anyhow::{Context, Result, ensure};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;
use serde_json::{Value, json};
use sluice_tests::eventually;
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU32, Ordering},
};

pub(super) const BARRIER: &str = "barrier-";

impl Stage {
    /// The name of the copy of a virtual ConfigMap with a short name.
    pub(crate) fn copy_name(&self, object: &ConfigMap) -> String {
        format!("{}-x-{}-x-{}", object.name_any(), namespace(object), self.lab.name)
    }

    /// What should stand in the physical cluster for this virtual ConfigMap, but for what an API server adds.
    /// It must have a short name and none of the labels that are rewritten.
    pub(crate) fn expected(&self, object: &ConfigMap) -> Value {
        let (name, own) = (self.copy_name(object), object.annotations());
        let mut labels = object.labels().clone();
        labels.extend(keys([("managed-by", self.lab.name.clone()), ("namespace", namespace(object))]));
        let mut annotations = own.clone();
        annotations.extend(keys([
            ("object-name", object.name_any()),
            ("object-namespace", namespace(object)),
            ("object-uid", object.uid().unwrap_or_default()),
            ("object-kind", "/v1, Kind=ConfigMap".into()),
            ("object-host-name", name.clone()),
            ("object-host-namespace", self.lab.target_namespace.clone()),
            ("object-syncer", "configmaps/configmaps".into()),
        ]));
        if !own.is_empty() {
            let managed: Vec<&str> = own.keys().map(String::as_str).collect();
            annotations.extend(keys([("managed-annotations", managed.join("\n"))]));
        }
        let mut copy = ConfigMap {
            data: object.data.clone(),
            binary_data: object.binary_data.clone(),
            immutable: object.immutable,
            ..ConfigMap::default()
        };
        copy.metadata.name = Some(name);
        copy.metadata.namespace = Some(self.lab.target_namespace.clone());
        copy.metadata.labels = Some(labels);
        copy.metadata.annotations = Some(annotations);
        json!(copy)
    }

    /// Waits until just this stands in the physical cluster. Returns it as it stands.
    pub(crate) async fn stands(&self, expected: &Value) -> Result<ConfigMap> {
        let name = expected["metadata"]["name"].as_str().context("no name")?;
        eventually(
            &format!("this stands in the physical cluster: {expected}"),
            async || -> Result<Option<ConfigMap>> {
                let found = self.physical_maps().get(name).await?;
                let content = content(&found);
                ensure!(content == *expected, "{content}");
                Ok(Some(found))
            },
        )
        .await
    }

    /// Waits until the copy is as it should be. Returns it.
    pub(crate) async fn copied(&self, object: &ConfigMap) -> Result<ConfigMap> {
        self.stands(&self.expected(object)).await
    }

    /// Makes a ConfigMap and waits for its copy. Returns both.
    pub(crate) async fn pair(&self, object: Value) -> Result<(ConfigMap, ConfigMap)> {
        let object = self.create(object).await?;
        let copy = self.copied(&object).await?;
        Ok((object, copy))
    }

    /// Waits until the copy is as it should be, and another object than `before`. Returns it.
    pub(crate) async fn replaced(&self, object: &ConfigMap, before: &ConfigMap) -> Result<ConfigMap> {
        let other = async || {
            let copy = self.physical_maps().get(&before.name_any()).await.ok()?;
            (copy.uid() != before.uid()).then_some(())
        };
        eventually("there is another copy", other).await?;
        self.copied(object).await
    }

    /// Waits until nothing stands under this name in the target namespace.
    pub(crate) async fn gone(&self, name: &str) -> Result<()> {
        let copies = self.physical_maps();
        eventually(&format!("{name} is gone"), async || copies.get_opt(name).await.is_ok_and(|copy| copy.is_none()))
            .await
    }

    /// Waits until whatever happened before, on either side, has been seen by the runtime: each side's events come in
    /// their order, and what happens here last is answered.
    pub(crate) async fn barrier(&self) -> Result<()> {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let name = format!("{BARRIER}{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let (object, first) = self.pair(json!({ "metadata": { "name": name } })).await?;
        self.delete_below(&first.name_any()).await?;
        self.replaced(&object, &first).await.map(drop)
    }

    /// Whatever happened, this still stands in the target namespace as it did.
    pub(crate) async fn untouched(&self, before: &ConfigMap) -> Result<()> {
        self.barrier().await?;
        let now = self.physical_maps().get(&before.name_any()).await?;
        assert_eq!((now.uid(), now.resource_version()), (before.uid(), before.resource_version()), "{now:?}");
        Ok(())
    }

    /// Whatever happened, nothing stands under this name in the target namespace.
    pub(crate) async fn absent(&self, name: &str) -> Result<()> {
        self.barrier().await?;
        assert_eq!(self.physical_maps().get_opt(name).await?, None);
        Ok(())
    }
}

fn keys<const N: usize>(pairs: [(&str, String); N]) -> BTreeMap<String, String> {
    pairs.map(|(key, value)| (format!("vcluster.loft.sh/{key}"), value)).into()
}

/// What of an object its maker says: without what every API server adds.
pub(crate) fn content(object: &ConfigMap) -> Value {
    let mut object = object.clone();
    let metadata = &mut object.metadata;
    (metadata.uid, metadata.resource_version) = (None, None);
    (metadata.creation_timestamp, metadata.managed_fields) = (None, None);
    json!(object)
}
