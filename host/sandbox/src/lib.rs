//! Runs plugins. Wasmtime lives only here.
//!
//! Reading order: `sandbox` sets up the engine and what components may link to; `compile`, `cache` and `component` turn
//! bytes into a checked, compiled component, `link` a plugin of that; `plugin`, `concern`, `review` and `intercept` make
//! calls, each by `run` in an instance of its own, which `watchdog` ends if it takes too long; `state` is what such a call has; `handle`, `imports`, `lookup`, `log`
//! and `wasi` are what a guest may ask for meanwhile.
//!
//! A component that imports anything else is refused by name. There is no code here that could open a file, a socket
//! or a clock, so there is nothing that a grant could forget to close.

mod answer;
mod bindings;
mod cache;
mod compile;
mod component;
mod concern;
mod fault;
mod handle;
mod imports;
mod intercept;
mod link;
mod log;
mod lookup;
mod plugin;
mod review;
mod run;
mod sandbox;
mod state;
mod wasi;
mod watchdog;

pub use cache::{Cache, CacheError};
pub use compile::{Compiler, compile};
pub use component::{Component, LoadError, Names};
pub use concern::Question;
pub use fault::Fault;
pub use intercept::Request;
pub use link::Linked;
pub use plugin::{Call, Function, Plugin, Reply};
pub use review::Occasion;
pub use run::Cost;
pub use sandbox::{Sandbox, SandboxError};
pub use state::Setting;

#[cfg(test)]
mod tests;
