//! What a plugin for Sluice is written with.
//!
//! A plugin is a crate of type `cdylib` that implements [`Syncer`] and ends with [`plugin!`]; built for
//! `wasm32-wasip2` it is a component that Sluice runs. It is handed objects and answers with what should be: it holds
//! no client, no token and no socket.
//!
//! ```no_run
//! use sluice_sdk::k8s_openapi::api::core::v1::ConfigMap;
//! use sluice_sdk::{Answer, Context, Failure, Physical, Syncer, Virtual};
//!
//! struct ConfigMaps;
//!
//! impl Syncer for ConfigMaps {
//!     type Object = ConfigMap;
//!     const NAME: &'static str = "configmaps";
//!
//!     // The physical form of a virtual ConfigMap; the copy is made from it.
//!     fn translate(&self, ctx: &Context, virtual_object: &Virtual<ConfigMap>) -> Result<ConfigMap, Failure> {
//!         Ok(ctx.translate_metadata(virtual_object))
//!     }
//!
//!     // Both exist: what changed in the virtual one shall change in the physical one.
//!     fn sync(&self, ctx: &Context, physical: &Physical<ConfigMap>, virtual_object: &Virtual<ConfigMap>) -> Answer {
//!         let mut updated = ConfigMap::clone(physical);
//!         if let Some(metadata) = ctx.translate_metadata_update(physical, virtual_object) {
//!             updated.metadata.labels = metadata.labels;
//!             updated.metadata.annotations = metadata.annotations;
//!         }
//!         updated.data = virtual_object.data.clone();
//!         ctx.sync_down_update((updated != **physical).then_some(updated))
//!     }
//! }
//!
//! sluice_sdk::plugin!(ConfigMaps);
//! # fn main() {}
//! ```
//!
//! # Layout
//! [`Syncer`] is what an author implements, [`Object`] what it can be implemented for, [`Virtual`] and [`Physical`]
//! what it is called with, [`Context`] what it can ask, [`Intents`] and [`Failure`] what it answers.
//!
//! # What a component asks for
//! Sluice refuses a component that imports more than it gives, so:
//! - Use `BTreeMap`: a `HashMap` asks for randomness.
//! - Let `cdylib` be the only crate type: beside an `rlib` it is linked without link-time optimisation, and asks for a
//!   file system that it never uses.

#[doc(hidden)]
pub mod bindings;
mod context;
mod dispatch;
mod failure;
#[cfg(test)]
mod fixtures;
mod handle;
mod intents;
pub mod log;
mod object;
#[doc(hidden)]
pub mod plugin;
mod registration;
mod sides;
mod syncer;

pub use bindings::imports::sluice::plugin::intents::{Body, Failure};
pub use bindings::imports::sluice::plugin::objects::{Gvk, Key, Side, Target};
pub use context::Context;
pub use handle::Handle;
pub use intents::{Answer, Intents};
pub use k8s_openapi;
pub use object::{Dynamic, Form, Kind, Object, Whole};
pub use serde_json;
pub use sides::{Physical, Virtual};
pub use syncer::Syncer;
