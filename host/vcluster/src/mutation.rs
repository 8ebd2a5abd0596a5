//! What vCluster asks hooks about: one object that it reads or writes itself.

mod answer;
mod hook_type;

use serde_json::Value;
use sluice_core::hook::Operation;
use sluice_core::key::{Gvk, Side};
use sluice_core::patch::tidy;

pub use answer::over;
pub(crate) use hook_type::{HookType, types};

use crate::proto::pluginv2::mutate;

/// An object on its way to a cluster, or from one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutation {
    /// Which cluster.
    pub side: Side,
    /// What is done to it.
    pub operation: Operation,
    /// What it is.
    pub kind: Gvk,
    /// It, with its apiVersion and kind, and without what Go writes where there is nothing, such as `status: {}`.
    pub object: Value,
    /// The same as vCluster has it, which where it knows the type is without apiVersion and kind.
    before: Value,
}

impl Mutation {
    /// From a request.
    ///
    /// # Errors
    /// Says what is not understood; the object's content is not in it.
    pub(crate) fn parse(request: &mutate::Request) -> Result<Self, String> {
        let mutate::Request { api_version, kind, object, r#type } = request;
        let HookType { side, operation } = r#type.parse()?;
        let mut before: Value = match serde_json::from_str(object) {
            Ok(Value::Object(map)) => map.into(),
            Ok(_) => return Err(format!("{type} {api_version} {kind}: the object is no JSON object")),
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                return Err(format!(
                    "{type} {api_version} {kind}: the object is no JSON, at line {line} column {column}"
                ));
            }
        };
        tidy(&mut before);
        let mut object = before.clone();
        object["apiVersion"] = api_version.as_str().into();
        object["kind"] = kind.as_str().into();
        Ok(Self { side, operation, kind: Gvk::from_api_version(api_version, kind), object, before })
    }

    /// What makes of vCluster's object this one.
    pub(crate) fn answer(&self, mut after: Value) -> mutate::Response {
        tidy(&mut after);
        for key in ["apiVersion", "kind"].into_iter().filter(|key| self.before.get(key).is_none()) {
            after.as_object_mut().map(|after| after.remove(key));
        }
        if after == self.before {
            return mutate::Response::default();
        }
        mutate::Response { object: answer::over(&self.before, &after), mutated: true }
    }
}

/// As in `CreatePhysical v1 Pod ns/name`.
impl std::fmt::Display for Mutation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { side, operation, kind, .. } = self;
        let (side, operation) = (*side, *operation);
        let text = |key: &str| self.object["metadata"][key].as_str().unwrap_or_default();
        write!(f, "{} {} {} ", HookType { side, operation }, kind.api_version(), kind.kind)?;
        match text("namespace") {
            "" => f.write_str(text("name")),
            namespace => write!(f, "{namespace}/{}", text("name")),
        }
    }
}

#[cfg(test)]
mod tests;
