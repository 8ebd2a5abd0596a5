//! How fast one plugin writes: what is too much waits for its turn.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sluice_core::key::Time;
use sluice_core::rate::Bucket;
use tokio::time::{Instant, sleep};

/// The writes of one plugin, whatever they are for.
#[derive(Debug)]
pub(crate) struct Pace {
    bucket: Mutex<Bucket>,
    began: Instant,
}

impl Pace {
    /// So many writes a second, and as many at once.
    pub(crate) fn new(rate: u64) -> Self {
        Self { bucket: Mutex::new(Bucket::new(rate)), began: Instant::now() }
    }

    /// Waits until the next write may be sent. Whoever came first goes first.
    pub(crate) async fn turn(&self) {
        let now = Time(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX));
        // A level is whole after every step, also when a thread that held it panicked.
        let wait = self.bucket.lock().unwrap_or_else(PoisonError::into_inner).lend(now);
        if wait > 0 {
            sleep(Duration::from_millis(wait)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::task::JoinSet;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn writes_of_many_tasks_are_paced_together() {
        let (pace, mut tasks) = (Arc::new(Pace::new(10)), JoinSet::new());
        let begun = Instant::now();
        for _ in 0..35 {
            let pace = Arc::clone(&pace);
            tasks.spawn(async move { pace.turn().await });
        }
        let mut times = vec![];
        while tasks.join_next().await.is_some() {
            times.push(begun.elapsed().as_millis());
        }
        assert_eq!((times[9], times[10], times[34]), (0, 100, 2_500));
    }
}
