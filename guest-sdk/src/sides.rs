use std::ops::Deref;

use crate::{Failure, Handle, Key, Object};

macro_rules! side {
    ($(#[$doc:meta])* $Side:ident = $side:literal) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $Side<T> {
            object: T,
            handle: Handle,
        }

        impl<T: Object> $Side<T> {
            pub(crate) fn read(handle: Handle) -> Result<Self, Failure> {
                let object = T::read(&handle)
                    .map_err(|error| Failure::permanent(format!(concat!("the ", $side, " object: {}"), error)))?;
                Ok(Self { object, handle })
            }

            /// The object as it was when its pair last settled; `None` if it has not since the runtime started.
            /// What differs from it is what changed.
            ///
            /// # Errors
            /// It does not parse.
            pub fn settled(&self) -> Result<Option<Self>, Failure> {
                self.handle.settled().map(Self::read).transpose()
            }

            /// Where the object stands in the runtime.
            pub fn handle(&self) -> &Handle {
                &self.handle
            }

            /// `metadata.uid`: another one under the same name is another object.
            pub fn uid(&self) -> String {
                self.handle.uid()
            }

            /// Where the other half of the pair stands, or would.
            pub fn counterpart(&self) -> Key {
                self.handle.counterpart()
            }

            /// Its deletion has been asked for and waits for finalizers.
            pub fn deleting(&self) -> bool {
                self.handle.deleting()
            }
        }

        impl<T> Deref for $Side<T> {
            type Target = T;

            fn deref(&self) -> &T {
                &self.object
            }
        }
    };
}

side! {
    /// An object of the virtual cluster.
    Virtual = "virtual"
}

side! {
    /// An object of the physical cluster. `ConfigMap::clone(physical)` is a copy to change.
    Physical = "physical"
}

impl<T: Object> Physical<T> {
    /// The virtual object that this is the copy of; `None` if it does not carry the runtime's markers.
    pub fn origin(&self) -> Option<Key> {
        self.handle.origin()
    }
}
