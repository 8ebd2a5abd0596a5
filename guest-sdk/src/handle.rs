use std::rc::Rc;

use crate::bindings::imports::sluice::plugin::objects;
use crate::{Key, Target};

/// An object that stayed in the runtime: nothing of it is parsed, and what is asked for is fetched.
///
/// As [`Syncer::Object`](crate::Syncer::Object) it is the fast way: reading a field costs the same whatever the size
/// of the object, and the answer says single fields.
///
/// ```no_run
/// use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Physical, Syncer, Virtual};
/// use sluice_sdk::serde_json::json;
///
/// struct Widgets;
///
/// impl Syncer for Widgets {
///     type Object = Handle;
///     const NAME: &'static str = "widgets";
///
///     fn kind(&self) -> Gvk {
///         Gvk::new("example.com", "v1", "Widget")
///     }
///
///     /// Nothing but what the runtime translates by itself.
///     fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
///         Body::patch(&json!({}))
///     }
///
///     fn sync(&self, ctx: &Context, physical: &Physical<Handle>, virtual_object: &Virtual<Handle>) -> Answer {
///         ctx.carry_down(physical, virtual_object, ["/spec"])
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Handle(Rc<objects::Object>);

impl Handle {
    pub(crate) fn new(object: objects::Object) -> Self {
        Self(Rc::new(object))
    }

    pub(crate) fn raw(&self) -> &objects::Object {
        &self.0
    }

    /// Which object this is.
    pub fn target(&self) -> Target {
        self.0.target()
    }

    /// `metadata.uid`: another one under the same name is another object.
    pub fn uid(&self) -> String {
        self.0.uid()
    }

    /// `metadata.resourceVersion`.
    pub fn resource_version(&self) -> String {
        self.0.resource_version()
    }

    /// Its deletion has been asked for and waits for finalizers.
    pub fn deleting(&self) -> bool {
        self.0.deleting()
    }

    /// Of a physical object that carries the runtime's markers: the virtual object that it is the copy of.
    pub fn origin(&self) -> Option<Key> {
        self.0.origin()
    }

    /// Where the other half of its pair stands, or would.
    pub fn counterpart(&self) -> Key {
        self.0.counterpart().expect("an object of a call is half of its pair")
    }

    /// The whole object as JSON, without `managedFields`.
    pub fn json(&self) -> String {
        self.0.json()
    }

    /// The value at a JSON pointer (RFC 6901) such as `/spec/replicas`, as JSON; `None` where there is nothing.
    pub fn get(&self, pointer: &str) -> Option<String> {
        self.0.get(pointer)
    }

    /// Several values in one call, in the order asked for.
    pub fn get_many<const N: usize>(&self, pointers: [&str; N]) -> [Option<String>; N] {
        let mut values = self.0.get_many(&pointers.map(String::from)).into_iter();
        std::array::from_fn(|_| values.next().flatten())
    }

    /// The object as it was when its pair last settled; `None` if it has not since the runtime started.
    pub fn settled(&self) -> Option<Handle> {
        self.0.settled().map(Handle::new)
    }
}
