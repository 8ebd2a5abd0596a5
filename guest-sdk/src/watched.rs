use std::marker::PhantomData;

use crate::bindings::imports::sluice::plugin::lookup;
use crate::bindings::imports::sluice::plugin::objects;
use crate::{Failure, Handle, Key, Object};

/// What the [`Watch`](crate::Watch) of this name shows, from the memory of the runtime. It is for a syncer and its
/// watches: elsewhere, and for a name that is none of the called syncer's, the call ends.
///
/// ```no_run
/// # use sluice_sdk::{Failure, Key, k8s_openapi::api::core::v1::Namespace, watched};
/// # fn names() -> Result<Vec<Option<String>>, Failure> {
/// let namespaces = watched::<Namespace>("namespaces").list(1000)?;
/// # Ok(namespaces.into_iter().map(|namespace| namespace.metadata.name).collect()) }
/// ```
pub fn watched<T: Object>(name: &str) -> Watched<'_, T> {
    Watched { name, object: PhantomData }
}

/// Objects that a watch shows; see [`watched`].
#[derive(Debug)]
pub struct Watched<'a, T> {
    name: &'a str,
    object: PhantomData<fn() -> T>,
}

impl<T: Object> Watched<'_, T> {
    /// One object; `None` if it does not exist, or is not watched.
    ///
    /// # Errors
    /// It does not parse; so for the others.
    pub fn get(&self, key: &Key) -> Result<Option<T>, Failure> {
        lookup::get(self.name, key).map(|object| self.read(object)).transpose()
    }

    /// At most `limit` objects in the order of their keys.
    pub fn list(&self, limit: u32) -> Result<Vec<T>, Failure> {
        self.all(lookup::list(self.name, None, limit))
    }

    /// The same of one namespace.
    pub fn list_in(&self, namespace: &str, limit: u32) -> Result<Vec<T>, Failure> {
        self.all(lookup::list(self.name, Some(namespace), limit))
    }

    /// At most `limit` objects that concern the pair of this virtual key, in the order of their keys.
    pub fn concerning(&self, pair: &Key, limit: u32) -> Result<Vec<T>, Failure> {
        self.all(lookup::concerning(self.name, pair, limit))
    }

    fn all(&self, objects: Vec<objects::Object>) -> Result<Vec<T>, Failure> {
        objects.into_iter().map(|object| self.read(object)).collect()
    }

    fn read(&self, object: objects::Object) -> Result<T, Failure> {
        let unread = |error| Failure::permanent(format!("an object of the watch {:?}: {error}", self.name));
        T::read(&Handle::new(object)).map_err(unread)
    }
}
