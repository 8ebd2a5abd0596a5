//! Removes what a test made, which the audit log knows exactly.

use crate::{
    ControlPlane,
    plane::{AuditEvent, AuditMark},
    wait::eventually,
};
use anyhow::Result;
use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams},
    core::{ApiResource, DynamicObject, GroupVersion},
};
use serde_json::json;
use std::collections::BTreeMap;

/// Clears a control plane of everything that was written to it since the mark.
pub(super) async fn sweep(plane: &ControlPlane, mark: AuditMark) -> Result<()> {
    let client = plane.client().await?;
    let written = plane.audit_since(mark)?.into_iter().filter(|event| {
        matches!(event.verb.as_str(), "create" | "update" | "patch")
            && event.code < 300
            && event.subresource.is_empty()
            && !event.name.is_empty()
    });

    // What is in a namespace goes by the collection, what is in none by its name.
    let (mut collections, mut singles) = (BTreeMap::new(), BTreeMap::new());
    for event in written {
        let (kind, namespace) = (resource(&event), event.namespace);
        // Of a namespace that was applied the log says that it is in itself.
        if namespace.is_empty() || event.resource == "namespaces" {
            singles.insert((kind.plural.clone(), event.name), kind);
        } else {
            collections.insert((kind.plural.clone(), namespace), kind);
        }
    }
    for ((_, namespace), kind) in collections {
        clear(&Api::namespaced_with(client.clone(), &namespace, &kind)).await?;
    }
    for ((plural, name), kind) in singles {
        if plural == "namespaces" {
            remove_namespace(&client, &name).await?;
        } else {
            remove(&Api::all_with(client.clone(), &kind), &name).await?;
        }
    }
    Ok(())
}

fn resource(event: &AuditEvent) -> ApiResource {
    // The kind's own name is in no address, so the plural may stand for it.
    let kind = GroupVersion { group: event.group.clone(), version: event.version.clone() }.with_kind(&event.resource);
    ApiResource::from_gvk_with_plural(&kind, &event.resource)
}

async fn clear(objects: &Api<DynamicObject>) -> Result<()> {
    eventually("a collection is empty", async || {
        objects.delete_collection(&DeleteParams::default(), &ListParams::default()).await?;
        let left = objects.list_metadata(&ListParams::default()).await?;
        for object in &left {
            release(objects, &object.name_any()).await?;
        }
        if left.items.is_empty() { Ok(()) } else { Err(anyhow::anyhow!("{} objects are left", left.items.len())) }
    })
    .await
}

async fn remove(objects: &Api<DynamicObject>, name: &str) -> Result<()> {
    ignore_missing(objects.delete(name, &DeleteParams::default()).await)?;
    release(objects, name).await
}

/// Nobody is left to honour a finalizer.
async fn release(objects: &Api<DynamicObject>, name: &str) -> Result<()> {
    let patch = Patch::Merge(json!({ "metadata": { "finalizers": null } }));
    ignore_missing(objects.patch_metadata(name, &PatchParams::default(), &patch).await)
}

/// Does the namespace controller's part, which does not run here.
async fn remove_namespace(client: &Client, name: &str) -> Result<()> {
    let namespaces: Api<Namespace> = Api::all(client.clone());
    ignore_missing(namespaces.delete(name, &DeleteParams::default()).await)?;
    let Some(mut namespace) = namespaces.get_opt(name).await? else { return Ok(()) };
    if let Some(spec) = &mut namespace.spec {
        spec.finalizers = None;
    }
    ignore_missing(namespaces.replace_subresource("finalize", name, &PostParams::default(), &namespace).await)
}

fn ignore_missing<T>(done: kube::Result<T>) -> Result<()> {
    match done {
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
        done => Ok(done.map(drop)?),
    }
}
