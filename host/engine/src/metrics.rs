//! What is counted and what is seen: of plugins and their syncers, for Prometheus and for whoever looks.
//!
//! ```text
//! Metrics            one for the process: what is true of it, and all plugins
//!   PluginMeter      one for each plugin by name, whatever version of it runs: calls, fuel, failures, how it stands
//!     SyncerMeter    one for each of its syncers: writes, failures, lag, queue, objects, watches
//! ```
//!
//! Meters are what the rest of the engine holds. To count is to add to a number in memory; names and labels are made when
//! somebody asks, in `page`. `/debug/state.json` and readiness, in `seen`, are made of the same numbers, so that they
//! cannot disagree with the metrics. A label is a plugin, a syncer, a kind of theirs, or one of a few words; nothing here
//! knows an object.

mod deeds;
mod families;
mod heard;
mod page;
mod plugin;
mod refused;
mod seen;
mod syncer;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use prometheus_client::metrics::histogram::Histogram;
use sluice_core::key::Side;

pub use deeds::Counts;
pub(crate) use plugin::{Identity, PluginMeter};
pub(crate) use syncer::SyncerMeter;

/// From well below what an API server takes for a write, one to three milliseconds, to what an operator is called for.
const WAITS: [f64; 16] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];

/// All that is counted and seen of this process.
pub struct Metrics {
    plugins: RwLock<BTreeMap<String, Arc<PluginMeter>>>,
    clusters: RwLock<Vec<Kept>>,
    /// Whether the first plugins have been loaded.
    loaded: AtomicBool,
    /// How long API servers take for a write.
    took: Took,
    /// How many bytes of compiled plugins are kept.
    compiled: OnceLock<Ask<u64>>,
}

/// How long API servers take for a write, the virtual one first.
pub(crate) type Took = [Histogram; 2];

/// A question that is asked anew each time.
type Ask<T> = Box<dyn Fn() -> T + Send + Sync>;

/// A virtual cluster that this process keeps.
struct Kept {
    name: String,
    namespace: String,
    /// Whether this replica may write.
    leads: Ask<bool>,
}

impl Default for Metrics {
    fn default() -> Self {
        let (plugins, clusters, loaded, compiled) = Default::default();
        Self { plugins, clusters, loaded, compiled, took: Side::BOTH.map(|_| waits()) }
    }
}

impl Metrics {
    /// A virtual cluster is kept, by its name, its target namespace, and what tells whether this replica may write to it.
    pub fn keeps(&self, name: &str, namespace: &str, leads: impl Fn() -> bool + Send + Sync + 'static) {
        let kept = Kept { name: name.into(), namespace: namespace.into(), leads: Box::new(leads) };
        write(&self.clusters).push(kept);
    }

    /// Compiled plugins are kept: `bytes` tells how many. Only the first time counts.
    pub fn compiled(&self, bytes: impl Fn() -> u64 + Send + Sync + 'static) {
        let _ = self.compiled.set(Box::new(bytes));
    }

    /// The first plugins have been loaded, or refused.
    pub(crate) fn loaded(&self) {
        self.loaded.store(true, Ordering::Relaxed);
    }

    /// The meter of the plugin of this name: the same one until it is forgotten.
    pub(crate) fn plugin(&self, name: &str) -> Arc<PluginMeter> {
        if let Some(meter) = read(&self.plugins).get(name) {
            return Arc::clone(meter);
        }
        let mut plugins = write(&self.plugins);
        Arc::clone(plugins.entry(name.into()).or_insert_with(|| Arc::new(PluginMeter::new(name, self.took.clone()))))
    }

    /// There is no such plugin any more.
    pub(crate) fn forget(&self, name: &str) {
        write(&self.plugins).remove(name);
    }

    fn all(&self) -> Vec<Arc<PluginMeter>> {
        read(&self.plugins).values().cloned().collect()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("plugins", &read(&self.plugins).keys()).finish_non_exhaustive()
    }
}

/// How long something waits.
fn waits() -> Histogram {
    Histogram::new(WAITS)
}

fn seconds(milliseconds: u64) -> f64 {
    Duration::from_millis(milliseconds).as_secs_f64()
}

// All that is held is whole after every step, also when a thread that held it panicked.
fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
