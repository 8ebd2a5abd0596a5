//! Objects of any kind on either side, as a user handles them.

use super::Stage;
use anyhow::{Result, ensure};
use kube::{
    Api, Client,
    api::{DeleteParams, Patch, PatchParams, PostParams},
    core::{ApiResource, DynamicObject, GroupVersion},
};
use serde_json::Value;
use sluice_tests::eventually;

/// A kind: its apiVersion, its name, and its plural.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind(pub(crate) &'static str, pub(crate) &'static str, pub(crate) &'static str);

pub(crate) const SECRETS: Kind = Kind("v1", "Secret", "secrets");
pub(crate) const NAMESPACES: Kind = Kind("v1", "Namespace", "namespaces");
pub(crate) const DEFINITIONS: Kind =
    Kind("apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions");

/// The objects of one kind in one namespace of one side, or in none.
#[derive(Clone)]
pub(crate) struct Things {
    api: Api<DynamicObject>,
    kind: Kind,
}

impl Stage {
    /// Virtual objects; the namespace is "" for a kind that has none.
    pub(crate) fn above(&self, kind: Kind, namespace: &str) -> Things {
        Things::new(&self.lab.virtual_client, kind, namespace)
    }

    /// Physical objects of the target namespace.
    pub(crate) fn below(&self, kind: Kind) -> Things {
        self.below_in(kind, &self.lab.target_namespace)
    }

    /// Physical objects; the namespace is "" for a kind that has none.
    pub(crate) fn below_in(&self, kind: Kind, namespace: &str) -> Things {
        Things::new(&self.lab.physical_client, kind, namespace)
    }
}

impl Things {
    fn new(client: &Client, kind: Kind, namespace: &str) -> Self {
        let (group, version) = kind.0.split_once('/').unwrap_or(("", kind.0));
        let gvk = GroupVersion { group: group.into(), version: version.into() }.with_kind(kind.1);
        let resource = ApiResource::from_gvk_with_plural(&gvk, kind.2);
        let api = match namespace {
            "" => Api::all_with(client.clone(), &resource),
            namespace => Api::namespaced_with(client.clone(), namespace, &resource),
        };
        Self { api, kind }
    }

    /// Makes one; apiVersion and kind are filled in.
    pub(crate) async fn put(&self, mut object: Value) -> Result<Value> {
        object["apiVersion"] = self.kind.0.into();
        object["kind"] = self.kind.1.into();
        let object = serde_json::from_value(object)?;
        Ok(serde_json::to_value(self.api.create(&PostParams::default(), &object).await?)?)
    }

    /// Merges a patch into one.
    pub(crate) async fn change(&self, name: &str, patch: Value) -> Result<Value> {
        Ok(serde_json::to_value(self.api.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await?)?)
    }

    /// Merges a patch into the status of one, as its controller does.
    pub(crate) async fn change_status(&self, name: &str, patch: Value) -> Result<Value> {
        let patched = self.api.patch_status(name, &PatchParams::default(), &Patch::Merge(patch)).await?;
        Ok(serde_json::to_value(patched)?)
    }

    pub(crate) async fn delete(&self, name: &str) -> Result<()> {
        self.api.delete(name, &DeleteParams::default()).await?;
        Ok(())
    }

    /// One as it stands, if it does.
    pub(crate) async fn find(&self, name: &str) -> Result<Option<Value>> {
        Ok(self.api.get_opt(name).await?.map(serde_json::to_value).transpose()?)
    }

    /// The names of all.
    pub(crate) async fn names(&self) -> Result<Vec<String>> {
        let all = self.api.list_metadata(&Default::default()).await?;
        Ok(all.items.into_iter().filter_map(|object| object.metadata.name).collect())
    }

    /// Waits until one is as `check` wants it, and gives it.
    pub(crate) async fn until(&self, name: &str, what: &str, check: impl Fn(&Value) -> bool) -> Result<Value> {
        let what = format!("{} {name} {what}", self.kind.1);
        eventually(&what, async || -> Result<Option<Value>> {
            let Some(found) = self.find(name).await? else { return Ok(None) };
            ensure!(check(&found), "{found}");
            Ok(Some(found))
        })
        .await
    }

    /// Waits until there is one of this name.
    pub(crate) async fn appears(&self, name: &str) -> Result<Value> {
        self.until(name, "appears", |_| true).await
    }

    /// Waits until there is none of this name.
    pub(crate) async fn goes(&self, name: &str) -> Result<()> {
        eventually(&format!("{} {name} is gone", self.kind.1), async || {
            self.find(name).await.map(|found| found.is_none())
        })
        .await
    }
}

/// The text at a JSON pointer; "" where there is none.
pub(crate) fn text<'v>(object: &'v Value, pointer: &str) -> &'v str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// A marker annotation, without vCluster's prefix.
pub(crate) fn marker<'v>(object: &'v Value, name: &str) -> &'v str {
    text(object, &format!("/metadata/annotations/vcluster.loft.sh~1{name}"))
}
