//! The loop of one syncer: watches in, work out, nothing decided here.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sluice_cluster::Ended;
use sluice_core::key::Time;
use sluice_core::pair::Pair;
use sluice_core::reconciler::{Outcome, Reconciler};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{sleep, timeout};
use tracing::{error, warn};

use crate::gate::Gate;
use crate::keeper::Ready;
use crate::mapper::Heard;
use crate::work::Workshop;

/// Pairs under way at once. An API server answers a write in one to three milliseconds; beyond this many the time only
/// moves from our queue into its own.
const WIDTH: usize = 32;
/// How long a stop waits for writes under way.
const DRAIN: Duration = Duration::from_secs(10);

/// One syncer of one plugin at one virtual cluster, as long as its kinds are served.
pub(crate) struct Loop {
    pub(crate) reconciler: Reconciler,
    pub(crate) workshop: Arc<Workshop>,
    pub(crate) gate: Gate,
    pub(crate) events: mpsc::Receiver<Heard>,
    /// What sends the events.
    pub(crate) watches: JoinSet<Ended>,
    /// Told when hooks on what it writes are others.
    pub(crate) again: watch::Receiver<()>,
}

type Finished = Result<(Pair, Outcome), JoinError>;

impl Loop {
    /// Runs until told to stop or until a kind is no longer served, then waits for what is under way.
    /// `ready`: told once every watch has listed and every pair of then has been looked at.
    pub(crate) async fn run(mut self, ready: &mut Ready, stop: &mut watch::Receiver<bool>) {
        let mut flights: JoinSet<(Pair, Outcome)> = JoinSet::new();
        loop {
            let open = self.gate.is_open();
            while open && flights.len() < WIDTH {
                let now = now();
                let Some(work) = self.reconciler.next(now) else { break };
                self.workshop.meter.taken(work.since, now);
                flights.spawn(Arc::clone(&self.workshop).perform(work, now));
            }
            self.workshop.meter.stands(&self.reconciler);
            if flights.is_empty() && self.reconciler.is_synced() && open {
                ready.in_step(self.reconciler.objects());
            }
            if self.gate.quarantine.left().is_some() {
                // The others need not wait for it.
                ready.waiting();
            }
            let due = self.reconciler.next_at().map(|time| Duration::from_millis(time.until(now())));
            tokio::select! {
                // A full house takes no new work, but what finished makes room.
                Some(finished) = flights.join_next() => self.finish(finished),
                Some(heard) = self.events.recv() => self.hear(heard),
                Ok(()) = self.again.changed() => self.again(),
                () = sleep(due.unwrap_or(Duration::MAX)), if due.is_some() && open && flights.len() < WIDTH => {}
                () = self.gate.open(), if !open => {}
                Some(_) = self.watches.join_next() => break,
                _ = stop.wait_for(|stop| *stop) => break,
            }
        }
        let drained = async {
            while let Some(finished) = flights.join_next().await {
                self.finish(finished);
            }
        };
        if timeout(DRAIN, drained).await.is_err() {
            warn!("stopped with writes under way; the next start looks at every object again");
        }
    }

    fn again(&mut self) {
        self.reconciler.pass(now());
        self.reconciler.again();
    }

    fn hear(&mut self, heard: Heard) {
        self.reconciler.pass(now());
        let mut next = Some(heard);
        // What came meanwhile is taken in at once: one look at a key serves all its events.
        while let Some(heard) = next {
            match heard {
                Heard::Event(origin, event) => self.reconciler.observe(origin, event),
                Heard::Mapped(event, places) => self.reconciler.observe_mapped(event, &places),
                Heard::Filed(filed) => self.reconciler.observe_watched(filed),
            }
            next = self.events.try_recv().ok();
        }
    }

    fn finish(&mut self, finished: Finished) {
        match finished {
            Ok((pair, outcome)) => {
                self.reconciler.finish(pair, outcome, now());
            }
            // `perform` catches what guests do; this would be a mistake of ours, and its key stays held.
            Err(panic) => error!(%panic, "a worker broke; its object is left alone until the next start"),
        }
    }
}

/// Now, in milliseconds since 1970.
pub(crate) fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
