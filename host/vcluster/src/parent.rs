//! Whether vCluster still lives. It ends its plugins when it stops in order; when it is killed nobody does.

use std::os::unix::process::parent_id;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

/// How long we may outlive vCluster. The signal that the system could send instead is sent when the thread ends that
/// started us, which in Go is any.
const LOOK: Duration = Duration::from_millis(500);

/// Waits until whoever started us is gone: orphans get another parent.
pub(crate) async fn gone() {
    let first = parent_id();
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while parent_id() == first {
        looks.tick().await;
    }
}
