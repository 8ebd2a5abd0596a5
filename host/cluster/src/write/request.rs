//! From a write to its HTTP request.

use kube::Resource as _;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams, Preconditions};
use kube::core::Request;
use serde_json::{Value, json};
use sluice_core::write::{Read, Write};

use super::Resource;
use crate::raw::Raw;

/// Who we are in managedFields.
pub(crate) const FIELD_MANAGER: &str = "sluice";

/// The request, or why there cannot be one.
pub(super) fn build(write: &Write, resource: &Resource) -> Result<http::Request<Vec<u8>>, String> {
    let key = &write.target().key;
    let namespace = key.namespace.as_deref();
    if namespace.is_some() != resource.namespaced {
        let needs = if resource.namespaced { "needs a namespace" } else { "is in no namespace" };
        return Err(format!("{} {needs}", write.target()));
    }
    if !std::iter::once(&*key.name).chain(namespace).all(is_segment) {
        return Err(format!("{} is no name", write.target()));
    }
    let requests = Request::new(Raw::url_path(&resource.api, namespace));
    let field_manager = Some(FIELD_MANAGER.to_owned());
    let patching = PatchParams { field_manager: field_manager.clone(), ..PatchParams::default() };
    let request = match write {
        Write::Create { body, .. } => {
            requests.create(&PostParams { field_manager, ..PostParams::default() }, body.to_string().into_bytes())
        }
        Write::Patch { status: true, .. } if !resource.has_status => {
            return Err(format!("{} has no status of its own", resource.gvk));
        }
        Write::Patch { read, patch, status: true, .. } => {
            requests.patch_subresource("status", &key.name, &patching, &Patch::Merge(guarded(patch, read)))
        }
        Write::Patch { read, patch, .. } => requests.patch(&key.name, &patching, &Patch::Merge(guarded(patch, read))),
        Write::Apply { body, manager, .. } => {
            // By force: it is applied to be so, and a conflict would leave neither side's wish.
            requests.patch(&key.name, &PatchParams::apply(manager).force(), &Patch::Apply(body))
        }
        Write::Delete { read, .. } => {
            // Background, as kubectl does: Jobs and older kinds would otherwise orphan what they own.
            requests.delete(&key.name, &DeleteParams::background().preconditions(preconditions(read)))
        }
    };
    request.map_err(|error| error.to_string())
}

/// The patch with uid and version of the object that it was made for, so that it changes no other.
fn guarded(patch: &Value, read: &Read) -> Value {
    let mut patch = patch.clone();
    if !patch["metadata"].is_object() {
        patch["metadata"] = json!({});
    }
    patch["metadata"]["uid"] = json!(read.uid);
    patch["metadata"]["resourceVersion"] = json!(read.version.as_str());
    patch
}

fn preconditions(read: &Read) -> Preconditions {
    Preconditions { uid: Some(read.uid.to_string()), resource_version: Some(read.version.as_str().to_owned()) }
}

/// Whether it stays one segment of a path. Names come from plugins: `../secrets/a` must not lead elsewhere, and
/// `a?dryRun=All` must not mean something else.
fn is_segment(name: &str) -> bool {
    !matches!(name, "" | "." | "..")
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~:@!$&'()*+,;=".contains(&byte))
}

#[cfg(test)]
mod tests;
