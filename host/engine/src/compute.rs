//! Where guests compute: on threads of their own, so that the watches go on.

use std::sync::Arc;

use sluice_sandbox::Fault;
use tokio::sync::Semaphore;

/// Runs what calls a guest, as one of its plugin's calls at once.
///
/// # Errors
/// It panicked, which is taken for the guest's fault.
pub(crate) async fn compute<T: Send + 'static>(
    calls: &Arc<Semaphore>,
    call: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    // The semaphore is never closed.
    let permit = Arc::clone(calls).acquire_owned().await;
    let called = tokio::task::spawn_blocking(move || {
        let done = call();
        drop(permit);
        done
    });
    called.await.map_err(|panic| Fault::Trap(format!("the call panicked: {panic}")))
}
