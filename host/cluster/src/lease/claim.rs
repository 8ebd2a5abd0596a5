//! Whether the lease is ours.

use std::time::Duration;

use tokio::sync::watch::{self, Receiver, Sender};
use tokio::time::{Instant, sleep_until};

/// Until when the lease is surely ours; none while it is not.
pub(super) type Until = Option<Instant>;

/// Longer than any process runs.
const AGES: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// Whether we may write. It ends by itself when the lease can no longer be renewed, even if nothing runs that says so.
#[derive(Clone, Debug)]
pub struct Claim(Receiver<Until>);

impl Claim {
    pub(super) fn new(until: Receiver<Until>) -> Self {
        Self(until)
    }

    /// One that is always held, for where somebody else sees to it that there is one writer.
    pub fn always() -> Self {
        Self(watch::channel(Some(Instant::now() + AGES)).1)
    }

    /// One that is held from when somebody else says so, and is never lost.
    pub fn later() -> (Leadership, Self) {
        let (sender, receiver) = watch::channel(None);
        (Leadership(sender), Self(receiver))
    }

    /// Whether it is held now.
    pub fn held(&self) -> bool {
        is_ahead(*self.0.borrow())
    }

    /// Waits until it is held.
    pub async fn wait(&self) {
        let mut until = self.0.clone();
        while !is_ahead(*until.borrow_and_update()) {
            if until.changed().await.is_err() {
                // Released: it never comes back.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Waits until it is not held.
    pub async fn lost(&self) {
        let mut until = self.0.clone();
        loop {
            let Some(end) = *until.borrow_and_update() else { return };
            tokio::select! {
                () = sleep_until(end) => return,
                Ok(()) = until.changed() => {}
            }
        }
    }
}

/// The right to say that a [`Claim`] is held. Without it the claim never is.
#[derive(Debug)]
pub struct Leadership(Sender<Until>);

impl Leadership {
    /// From now on it is. Saying so again changes nothing.
    pub fn take(&self) {
        self.0.send_replace(Some(Instant::now() + AGES));
    }
}

/// Whether it is ours now.
pub(super) fn is_ahead(until: Until) -> bool {
    until.is_some_and(|until| Instant::now() < until)
}

#[cfg(test)]
mod tests {
    use tokio::time::{advance, timeout};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn it_ends_by_itself() {
        let (sender, receiver) = watch::channel(None);
        let claim = Claim::new(receiver);
        assert!(!claim.held());
        claim.lost().await;
        assert!(timeout(SECOND, claim.wait()).await.is_err());

        sender.send_replace(Some(Instant::now() + 2 * SECOND));
        claim.wait().await;
        assert!(claim.held());
        assert!(timeout(SECOND, claim.lost()).await.is_err());
        sender.send_replace(Some(Instant::now() + 2 * SECOND));
        advance(SECOND).await;
        assert!(claim.held());
        claim.lost().await;
        assert!(!claim.held());
    }

    #[tokio::test(start_paused = true)]
    async fn always_is_for_ages() {
        let claim = Claim::always();
        advance(3600 * SECOND).await;
        assert!(claim.held());
        claim.wait().await;
        assert!(timeout(SECOND, claim.lost()).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn later_is_when_it_is_said() {
        let (leadership, claim) = Claim::later();
        claim.lost().await;
        assert!(!claim.held());
        assert!(timeout(SECOND, claim.wait()).await.is_err());

        leadership.take();
        claim.wait().await;
        drop(leadership);
        advance(3600 * SECOND).await;
        assert!(claim.held());
        assert!(timeout(SECOND, claim.lost()).await.is_err());
    }
}
