//! Waiting for a condition, never for a time.

use anyhow::{Result, bail};
use std::{fmt::Display, time::Duration};
use tokio::time::Instant;

/// Long enough for a busy machine: only a failing test ever waits this long.
const LIMIT: Duration = Duration::from_secs(60);

/// Short against anything that an API server does, and cheap all the same.
const INTERVAL: Duration = Duration::from_millis(20);

/// What a check found: the value that was waited for, or a word on why not yet.
pub trait Progress {
    /// What the wait ends with.
    type Value;

    /// # Errors
    /// The state seen, when the wait goes on.
    fn settle(self) -> Result<Self::Value, String>;
}

/// As in `Ok(())`: it went well, and there is no more to it.
impl Progress for () {
    type Value = ();

    fn settle(self) -> Result<(), String> {
        Ok(())
    }
}

impl Progress for bool {
    type Value = ();

    fn settle(self) -> Result<(), String> {
        if self { Ok(()) } else { Err("it does not hold".into()) }
    }
}

impl<T> Progress for Option<T> {
    type Value = T;

    fn settle(self) -> Result<T, String> {
        self.ok_or_else(|| "there is nothing".into())
    }
}

/// An error is a state like any other; what was found has to hold too, so that `Ok(false)` ends no wait.
impl<P: Progress, E: Display> Progress for Result<P, E> {
    type Value = P::Value;

    fn settle(self) -> Result<P::Value, String> {
        self.map_err(|error| format!("{error:#}"))?.settle()
    }
}

/// Checks again and again until `check` gives `true` or `Some`, or either in an `Ok`, for a minute at most.
///
/// # Errors
/// Names `what` was waited for and the last state seen.
pub async fn eventually<P: Progress>(what: &str, check: impl AsyncFnMut() -> P) -> Result<P::Value> {
    eventually_within(LIMIT, what, check).await
}

/// [`eventually`] with a limit of its own.
///
/// # Errors
/// Names `what` was waited for and the last state seen.
pub async fn eventually_within<P: Progress>(
    limit: Duration,
    what: &str,
    mut check: impl AsyncFnMut() -> P,
) -> Result<P::Value> {
    let deadline = Instant::now() + limit;
    let mut seen = String::from("nothing yet");
    loop {
        // The timeout ends a check that hangs; one that always answers at once never meets it.
        match tokio::time::timeout_at(deadline, check()).await.map(Progress::settle) {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(state)) if Instant::now() < deadline => seen = state,
            Ok(Err(state)) => bail!("waited {limit:?} in vain: {what}; last seen: {state}"),
            Err(_) => bail!("waited {limit:?} in vain: {what}; last seen: {seen}"),
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
