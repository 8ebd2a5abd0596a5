use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Kind, Object, Whole};
use crate::Handle;

/// An object without a type: a [`Value`] with all that [`Value`] can do, such as `object["spec"]["replicas"]` and
/// `object.pointer("/spec/replicas")`. Its syncer says the kind: [`Syncer::kind`](crate::Syncer::kind).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Dynamic(pub Value);

impl Deref for Dynamic {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

impl DerefMut for Dynamic {
    fn deref_mut(&mut self) -> &mut Value {
        &mut self.0
    }
}

impl Object for Dynamic {
    type Form = Self;

    const KIND: Option<Kind> = None;

    fn read(handle: &Handle) -> serde_json::Result<Self> {
        serde_json::from_str(&handle.json())
    }
}

impl Whole for Dynamic {
    fn set_metadata(&mut self, json: &str) -> serde_json::Result<()> {
        self.0["metadata"] = serde_json::from_str(json)?;
        Ok(())
    }
}
