//! Where components come from, and which bytes they are.

mod folder;

pub use folder::{Found, LoadError, MAX_BYTES, open_folder};
