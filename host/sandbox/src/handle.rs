//! The objects of a call, as the guest sees them.

use std::sync::Arc;

use sluice_core::key::{Gvk, Key, Side};
use sluice_core::object::Object;
use sluice_core::pointer;
use wasmtime::Result;
use wasmtime::component::Resource;

use crate::bindings::v0_1::sluice::plugin::objects;
use crate::state::State;

/// An object that a guest holds.
#[derive(Clone, Debug)]
#[allow(unreachable_pub, reason = "bindgen re-exports it")]
pub struct Handle {
    pub(crate) side: Side,
    pub(crate) gvk: Arc<Gvk>,
    pub(crate) object: Arc<Object>,
    pub(crate) origin: Option<Key>,
    pub(crate) counterpart: Option<Key>,
    pub(crate) settled: Option<Arc<Object>>,
}

impl State {
    /// Hands an object to the guest.
    pub(crate) fn hold(&mut self, handle: Handle) -> Result<Resource<Handle>> {
        if handle.gvk.group.is_empty() && handle.gvk.kind == "Secret" {
            self.log.withhold();
        }
        Ok(self.table.push(handle)?)
    }
}

impl objects::Host for State {}

impl objects::HostObject for State {
    fn target(&mut self, this: Resource<Handle>) -> Result<objects::Target> {
        let handle = self.object(&this, 0)?;
        Ok(objects::Target {
            side: match handle.side {
                Side::Virtual => objects::Side::Virtual,
                Side::Physical => objects::Side::Physical,
            },
            gvk: objects::Gvk {
                group: handle.gvk.group.clone(),
                version: handle.gvk.version.clone(),
                kind: handle.gvk.kind.clone(),
            },
            key: key_out(&handle.object.key),
        })
    }

    fn uid(&mut self, this: Resource<Handle>) -> Result<String> {
        Ok(self.object(&this, 0)?.object.uid.to_string())
    }

    fn resource_version(&mut self, this: Resource<Handle>) -> Result<String> {
        Ok(self.object(&this, 0)?.object.version.as_str().into())
    }

    fn deleting(&mut self, this: Resource<Handle>) -> Result<bool> {
        Ok(self.object(&this, 0)?.object.deleting)
    }

    fn origin(&mut self, this: Resource<Handle>) -> Result<Option<objects::Key>> {
        Ok(self.object(&this, 0)?.origin.as_ref().map(key_out))
    }

    fn counterpart(&mut self, this: Resource<Handle>) -> Result<Option<objects::Key>> {
        Ok(self.object(&this, 0)?.counterpart.as_ref().map(key_out))
    }

    fn json(&mut self, this: Resource<Handle>) -> Result<String> {
        Ok(self.object(&this, 1)?.object.json.to_string())
    }

    fn get(&mut self, this: Resource<Handle>, pointer: String) -> Result<Option<String>> {
        self.pay(pointer.len())?;
        Ok(pointer::get(&self.object(&this, 1)?.object.json, &pointer).map(Into::into))
    }

    fn get_many(&mut self, this: Resource<Handle>, pointers: Vec<String>) -> Result<Vec<Option<String>>> {
        self.pay(pointers.iter().map(String::len).sum())?;
        let json = &self.object(&this, pointers.len())?.object.json;
        Ok(pointers.iter().map(|pointer| pointer::get(json, pointer).map(Into::into)).collect())
    }

    fn settled(&mut self, this: Resource<Handle>) -> Result<Option<Resource<Handle>>> {
        let handle = self.object(&this, 0)?;
        let Some(object) = handle.settled.clone() else { return Ok(None) };
        let settled = Handle { object, settled: None, ..handle };
        Ok(Some(self.hold(settled)?))
    }

    fn drop(&mut self, this: Resource<Handle>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

/// A key as the guest writes it.
pub(crate) fn key_in(key: &objects::Key) -> Key {
    Key { namespace: key.namespace.as_deref().map(Into::into), name: key.name.as_str().into() }
}

/// A key as the guest reads it.
pub(crate) fn key_out(key: &Key) -> objects::Key {
    objects::Key { namespace: key.namespace.as_deref().map(Into::into), name: key.name.to_string() }
}
