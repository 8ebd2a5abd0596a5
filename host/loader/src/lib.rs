//! Where components come from, and which bytes they are.
#![forbid(unsafe_code)]

mod folder;

pub use folder::{Found, LoadError, MAX_BYTES, open_folder};
