//! Errors of a watch: told once, and how long to wait after each.

use std::time::Duration;

use kube::runtime::watcher::{DefaultBackoff, Error};
use sluice_core::key::{Gvk, Side};
use tokio::time::Instant;
use tracing::{debug, info, warn};

use crate::failure::{status, words};

/// The longest wait between two tries. kube's own goes on to 30 s, to be kind to servers with thousands of clients;
/// one runtime has a few dozen watches, and whoever waits for a copy would rather not sit out the rest of it.
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// A watch that goes on says nothing until something changes. After so long without an error the next one is a new one.
const OVER: Duration = Duration::from_secs(60);

/// What a watch suffers from.
pub(super) struct Trouble {
    side: Side,
    gvk: Gvk,
    last: Option<(Instant, String)>,
    backoff: DefaultBackoff,
}

impl Trouble {
    pub(super) fn new(side: Side, gvk: Gvk) -> Self {
        Self { side, gvk, last: None, backoff: DefaultBackoff::default() }
    }

    /// An error: logged unless it is the last one again. Returns how long to wait before the next try.
    pub(super) fn is(&mut self, error: &Error) -> Duration {
        let (now, why) = (Instant::now(), why(error));
        // The server is well; only our place in its history is gone, and a new list is due.
        if matches!(error, Error::WatchError(status) if status.code == 410) {
            debug!(side = %self.side, kind = %self.gvk, why, "the watch lists anew");
            self.backoff = DefaultBackoff::default();
            return self.wait();
        }
        let told = self.last.as_ref().is_some_and(|(at, last)| *last == why && now < *at + OVER);
        if !told {
            warn!(side = %self.side, kind = %self.gvk, why, "the watch fails and is tried again");
        }
        self.last = Some((now, why));
        self.wait()
    }

    fn wait(&mut self) -> Duration {
        self.backoff.next().map_or(LONGEST_WAIT, |wait| wait.min(LONGEST_WAIT))
    }

    /// An event came through.
    pub(super) fn over(&mut self) {
        if self.last.take().is_some() {
            info!(side = %self.side, kind = %self.gvk, "the watch is back");
            self.backoff = DefaultBackoff::default();
        }
    }
}

/// Whether the API server does not know what is watched: not there, or not at all.
pub(super) fn is_missing(error: &Error) -> bool {
    match error {
        Error::InitialListFailed(error) | Error::WatchStartFailed(error) | Error::WatchFailed(error) => {
            status(error) == Some(404)
        }
        Error::WatchError(status) => status.code == 404,
        Error::NoResourceVersion => false,
    }
}

fn why(error: &Error) -> String {
    match error {
        Error::InitialListFailed(error) | Error::WatchStartFailed(error) | Error::WatchFailed(error) => words(error),
        Error::WatchError(status) => status.message.clone(),
        Error::NoResourceVersion => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use kube::core::Status;

    use super::*;

    fn error(message: &str, code: u16) -> Error {
        Error::WatchError(Status::failure(message, "").with_code(code).boxed())
    }

    #[test]
    fn what_is_missing_is_told_from_what_is_gone() {
        let listed =
            |code| Error::InitialListFailed(kube::Error::Api(Status::failure("a", "").with_code(code).boxed()));
        assert!(is_missing(&error("a", 404)) && is_missing(&listed(404)));
        assert!(!is_missing(&error("a", 410)) && !is_missing(&listed(500)) && !is_missing(&Error::NoResourceVersion));
    }

    #[tokio::test(start_paused = true)]
    async fn waits_grow_and_begin_anew() {
        let mut trouble = Trouble::new(Side::Virtual, Gvk::new("", "v1", "Pod"));
        let first = trouble.is(&error("a", 500));
        assert!(first < 2 * Duration::from_millis(800));
        for _ in 0..5 {
            trouble.is(&error("a", 500));
        }
        assert_eq!(trouble.is(&error("a", 500)), LONGEST_WAIT);
        assert!(trouble.is(&error("gone", 410)) < Duration::from_secs(2));
        trouble.is(&error("a", 500));
        trouble.over();
        assert!(trouble.is(&error("a", 500)) < Duration::from_secs(2));
    }
}
