//! Sets a plugin aside whose calls keep failing, says so, and lets it be tried again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sluice_cluster::{Note, Record, Reporter};
use sluice_core::key::{Gvk, Key, Side, Target, Time};
use sluice_core::quarantine::{Aside, OBJECTS, Quarantine as State};
use tokio::sync::watch as signal;
use tokio::time::{Instant, sleep};
use tracing::{info, warn};

use crate::metrics::PluginMeter;

/// The quarantine of one plugin, which all that calls it shares.
pub(crate) struct Quarantine {
    plugin: String,
    meter: Arc<PluginMeter>,
    /// By the syncer's mark and the pair's key.
    state: Mutex<State<(String, Key)>>,
    began: Instant,
    /// Why it is set aside, while it is.
    aside: signal::Sender<Option<Why>>,
}

#[derive(Clone, Copy, Debug)]
struct Why {
    aside: Aside,
    /// What the last failure was.
    reason: &'static str,
}

/// Where it is published.
pub(crate) struct Herald {
    pub(crate) reporter: Reporter,
    /// The record of the virtual cluster, which is there whatever is synced.
    pub(crate) record: Record,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl Quarantine {
    /// `first`: how long it is set aside at first, in milliseconds.
    pub(crate) fn new(plugin: &str, first: u64, meter: &Arc<PluginMeter>) -> Self {
        let (state, aside) = (Mutex::new(State::new(first)), signal::Sender::new(None));
        Self { plugin: plugin.into(), meter: Arc::clone(meter), state, began: Instant::now(), aside }
    }

    /// A call failed by the plugin's own fault. `reason`: a word for it.
    pub(crate) fn failed(&self, syncer: &str, key: &Key, reason: &'static str) {
        let mut state = self.state();
        if let Some(aside) = state.failed((syncer.to_owned(), key.clone()), self.now()) {
            self.meter.aside(aside, reason);
            self.aside.send_replace(Some(Why { aside, reason }));
        }
    }

    /// A call gave an answer that can be followed.
    pub(crate) fn succeeded(&self) {
        self.state().succeeded();
    }

    /// For how long it is still set aside, in milliseconds; none if it is not.
    pub(crate) fn left(&self) -> Option<u64> {
        let until = self.state().until()?;
        Some(until.until(self.now()))
    }

    /// Waits until it is not set aside.
    pub(crate) async fn over(&self) {
        // What sends is ours, so it is there.
        let _ = self.aside.subscribe().wait_for(Option::is_none).await;
    }

    /// Says when it is set aside, and ends that, until told to stop.
    pub(crate) async fn run(self: Arc<Self>, herald: Herald, mut stop: signal::Receiver<bool>) {
        let work = async {
            let mut aside = self.aside.subscribe();
            loop {
                let why = aside.wait_for(Option::is_some).await.ok().and_then(|why| *why);
                let Some(why) = why else { return };
                tokio::join!(self.tell(&herald, why), self.wait());
                info!(plugin = self.plugin, "it is tried again");
                let message = format!("Plugin {} is tried again", self.plugin);
                herald.report("PluginReleased", &message, false).await;
            }
        };
        tokio::select! {
            () = work => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    /// Tells that, and in one word why: what a plugin says as it fails may be secret.
    async fn tell(&self, herald: &Herald, Why { aside: Aside { failures, pause }, reason }: Why) {
        self.meter.failure("quarantined");
        let plugin = &self.plugin;
        warn!(plugin, failures, reason, pause, "it is set aside: all its calls of late failed by its own fault");
        let message = format!(
            "Plugin {plugin} is set aside for {} s: {failures} calls in a row failed by its own fault, on at least \
             {OBJECTS} objects, the last for {reason}; what it syncs stays as it is until then",
            pause.div_ceil(1_000)
        );
        herald.report("PluginQuarantined", &message, true).await;
    }

    async fn wait(&self) {
        while let Some(left) = self.left() {
            sleep(Duration::from_millis(left)).await;
            let mut state = self.state();
            // Both at once: it may be set aside again while the Event about the last time is still on its way.
            if state.release(self.now()) {
                self.meter.released();
                self.aside.send_replace(None);
            }
        }
    }

    fn now(&self) -> Time {
        Time(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    fn state(&self) -> MutexGuard<'_, State<(String, Key)>> {
        // It is whole after every step, also when a thread that held it panicked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Herald {
    pub(crate) async fn report(&self, reason: &str, message: &str, warning: bool) {
        let gvk = Gvk::new("", "v1", "ConfigMap");
        let about = Target { side: Side::Physical, gvk, key: Key::namespaced(&self.namespace, &self.name) };
        let note = Note { reason, action: "CallPlugin", message, warning };
        self.reporter.report(&about, self.record.identity().await.as_ref(), &note).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metrics;

    fn fail(quarantine: &Quarantine, count: usize) {
        for at in 0..count {
            quarantine.failed("p/s", &Key::namespaced("default", &at.to_string()), "trap");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_over_after_its_time_and_not_before() {
        let quarantine = Quarantine::new("p", 60_000, &Metrics::default().plugin("p"));
        fail(&quarantine, 19);
        assert_eq!(quarantine.left(), None);
        quarantine.over().await;
        fail(&quarantine, 1);
        assert_eq!(quarantine.left(), Some(60_000));
        tokio::time::advance(Duration::from_secs(59)).await;
        assert_eq!(quarantine.left(), Some(1_000));
        let begun = Instant::now();
        quarantine.wait().await;
        assert_eq!((begun.elapsed().as_secs(), quarantine.left()), (1, None));
    }
}
