//! What a stop cuts short: waits. What is being sent is always answered.

use tokio::sync::watch as signal;

/// What `wait` comes to, or none if it is told to stop before, or was already.
pub(crate) async fn unless_stopped<T>(stop: &signal::Receiver<bool>, wait: impl Future<Output = T>) -> Option<T> {
    let mut stop = stop.clone();
    tokio::select! {
        biased;
        _ = stop.wait_for(|stop| *stop) => None,
        done = wait => Some(done),
    }
}
