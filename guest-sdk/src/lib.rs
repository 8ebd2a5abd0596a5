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
//! [`Syncer`], [`UpSyncer`] and [`VirtualSyncer`] are what an author implements, [`Object`] what they can be implemented for, [`Virtual`]
//! and [`Physical`] what they are called with, [`Context`] what they can ask, [`Intents`] and [`Failure`] what they
//! answer. [`Select`], [`Reference`] and [`Names`] say which objects are theirs. A [`Watch`] says which other objects
//! they depend on, and [`watched`] looks at those. A [`Hook`] reviews what others write, an [`Interceptor`] answers API
//! requests.
//!
//! [`Plugin`] is for more than syncers: a [`Config`], what is applied when it starts ([`Init`]), and what the operator
//! is asked to allow ([`Ask`]). [`merge`] is for what both sides may change, [`custom_resource!`] for types of one's
//! own, [`log`] for messages to the operator.
//!
//! [`k8s_openapi`], [`schemars`], [`serde`] and [`serde_json`] are here too, so a plugin needs no other dependency.
//!
//! # What a component asks for
//! Sluice refuses a component that imports more than it gives, so:
//! - Use `BTreeMap`: a `HashMap` asks for randomness.
//! - Let `cdylib` be the only crate type: beside an `rlib` it is linked without link-time optimisation, and asks for a
//!   file system that it never uses.

mod ask;
#[doc(hidden)]
pub mod bindings;
#[doc(hidden)]
pub mod component;
mod config;
mod context;
mod custom_resource;
mod dispatch;
mod failure;
#[cfg(test)]
mod fixtures;
mod handle;
mod hook;
mod init;
mod intents;
mod interceptor;
pub mod log;
mod manifests;
pub mod merge;
mod names;
mod object;
mod plugin;
mod reference;
mod registration;
mod request;
mod response;
mod rule;
mod select;
mod sides;
mod syncer;
mod syncers;
mod up_syncer;
mod virtual_syncer;
mod watch;
mod watched;

pub use ask::{Ask, Verb};
pub use bindings::imports::sluice::plugin::intents::{Body, Failure};
pub use bindings::imports::sluice::plugin::objects::{Gvk, Key, Side, Target};
pub use config::Config;
pub use context::Context;
pub use handle::Handle;
pub use hook::{Hook, Hooks, Occasion, Operation};
pub use init::Init;
pub use intents::{Answer, Intents};
pub use interceptor::{Interceptor, Interceptors};
pub use k8s_openapi;
pub use names::Names;
pub use object::{Dynamic, Form, Kind, Object, Whole};
pub use plugin::Plugin;
pub use reference::Reference;
pub use request::Request;
pub use response::Response;
pub use rule::Rule;
pub use schemars;
pub use select::Select;
pub use serde;
pub use serde_json;
pub use sides::{Physical, Virtual};
pub use syncer::Syncer;
pub use syncers::Syncers;
pub use up_syncer::UpSyncer;
pub use virtual_syncer::VirtualSyncer;
pub use watch::{Concern, Watch};
pub use watched::{Watched, watched};
