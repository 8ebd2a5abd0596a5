//! The calls of a plugin: so many at once, on threads of their own, so that the watches go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rustix::process::setpriority_process;
use rustix::time::{ClockId, clock_gettime};
use sluice_sandbox::Fault;
use tokio::sync::{Semaphore, oneshot};
use tracing::Span;

/// What one call may compute before the next ones stand behind: a hundred times what a plugin's usual call takes.
const LONG: Duration = Duration::from_millis(20);
/// How far behind: a tenth of the processor's time where somebody else wants it, all of it where nobody does.
const BEHIND: i32 = 10;

/// Of one plugin, whatever they are for.
#[derive(Debug)]
pub(crate) struct Calls {
    permits: Arc<Semaphore>,
    /// Whether the last one computed for long.
    long: Arc<AtomicBool>,
}

impl Calls {
    /// So many at once.
    pub(crate) fn new(at_once: usize) -> Self {
        Self { permits: Arc::new(Semaphore::new(at_once)), long: Arc::default() }
    }

    /// Runs what calls a guest, as one of them. After one that computed for long the next stands behind everything else
    /// that this process does, so that what a plugin wastes is not its neighbours' time.
    ///
    /// # Errors
    /// It panicked, which is taken for the guest's fault.
    pub(crate) async fn run<T: Send + 'static>(&self, call: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        // The semaphore is never closed.
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let long = Arc::clone(&self.long);
        let behind = long.load(Ordering::Relaxed);
        let span = Span::current();
        let call = move || {
            let _traced = span.entered();
            let began = computed();
            let done = call();
            long.store(computed().saturating_sub(began) > LONG, Ordering::Relaxed);
            drop(permit);
            done
        };
        let called = if behind { stand_behind(call).await } else { tokio::task::spawn_blocking(call).await.ok() };
        called.ok_or_else(|| Fault::Trap("the call panicked".into()))
    }
}

/// None if it panicked. On a thread that ends with it: who gave its place away does not get it back.
async fn stand_behind<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (tell, told) = oneshot::channel();
    let spawned = thread::Builder::new().name("sluice-behind".into()).spawn(move || {
        // On Linux this is of one thread. Where it is not allowed, the call is as any other.
        let _ = setpriority_process(None, BEHIND);
        let _ = tell.send(call());
    });
    spawned.ok()?;
    told.await.ok()
}

/// What this thread has computed so far, whoever else wants the processor.
fn computed() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rustix::process::getpriority_process;

    use super::*;

    #[tokio::test]
    async fn after_a_long_call_the_next_stands_behind_and_a_short_one_ends_that() {
        let calls = Calls::new(1);
        let place = || getpriority_process(None).expect("a priority");
        let own = place();
        let long = move || {
            let began = computed();
            while computed() - began <= LONG {}
            place()
        };
        let mut places = vec![];
        places.push(calls.run(long).await.expect("a long one"));
        places.push(calls.run(long).await.expect("a long one"));
        places.push(calls.run(place).await.expect("a short one"));
        places.push(calls.run(place).await.expect("a short one"));
        assert_eq!(places, [own, BEHIND.max(own), BEHIND.max(own), own]);
    }

    #[tokio::test]
    async fn a_call_that_panics_is_one_that_failed_wherever_it_ran() {
        let calls = Calls::new(1);
        for behind in [false, true] {
            calls.long.store(behind, Ordering::Relaxed);
            assert!(calls.run(|| panic!("as it must")).await.is_err());
        }
        calls.run(|| ()).await.expect("its permit came back");
    }
}
