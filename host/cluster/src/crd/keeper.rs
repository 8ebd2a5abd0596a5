//! What is known of one definition on both sides, and the write that it calls for.

use std::sync::Arc;
use std::time::Duration;

use kube::runtime::watcher::DefaultBackoff;
use serde_json::Value;
use sluice_core::key::{Key, Side, Target};
use sluice_core::object::Object;
use sluice_core::watch::WatchEvent;
use sluice_core::write::{Write, WriteError, Written};
use tokio::time::Instant;
use tracing::{info, warn};

use super::copy::{self, Copy, substance};
use super::{LONGEST_WAIT, definitions};

/// The state of one definition and its copy.
pub(super) struct Keeper<'a> {
    name: &'a str,
    mark: &'a str,
    /// What the watches show; none before they did.
    virtual_: Option<Option<Arc<Object>>>,
    physical: Option<Option<Arc<Object>>>,
    /// What was last asked for, and what the API server made of it. An older one leaves out what it does not know: that
    /// is no reason to ask again.
    settled: Option<(Value, Value)>,
    /// Why the last write failed, which is told once.
    failing: Option<String>,
    backoff: DefaultBackoff,
    not_before: Instant,
    told_webhook: bool,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(name: &'a str, mark: &'a str) -> Self {
        let (virtual_, physical, settled, failing) = (None, None, None, None);
        let (backoff, not_before, told_webhook) = (DefaultBackoff::default(), Instant::now(), false);
        Self { name, mark, virtual_, physical, settled, failing, backoff, not_before, told_webhook }
    }

    pub(super) fn sees(&mut self, side: Side, event: WatchEvent) {
        let shown = match event {
            WatchEvent::Reset { objects, .. } => objects.into_iter().next(),
            WatchEvent::Applied(object) => Some(object),
            WatchEvent::Deleted(_) => None,
        };
        self.show(side, shown);
        // Something changed, so a write that failed may now succeed.
        self.not_before = Instant::now();
    }

    fn show(&mut self, side: Side, shown: Option<Arc<Object>>) {
        match side {
            Side::Virtual => self.virtual_ = Some(shown),
            Side::Physical => self.physical = Some(shown),
        }
    }

    /// The write that is due, and the copy that it is to make.
    pub(super) fn wanted(&mut self) -> Option<(Write, Value)> {
        let (virtual_, physical) = (self.virtual_.as_ref()?.as_deref(), self.physical.as_ref()?.as_deref());
        let from = copy::source(virtual_, physical, self.mark)?;
        let (source, stands) = if from == Side::Virtual { (virtual_?, physical) } else { (physical?, virtual_) };
        let Copy { body, webhook_lost } = copy::of(&serde_json::from_str(&source.json).ok()?, self.mark);
        let target = Target { side: from.other(), gvk: definitions().gvk, key: Key::cluster(self.name) };
        if webhook_lost && !std::mem::replace(&mut self.told_webhook, true) {
            warn!(
                name = self.name, from = %from,
                "this CustomResourceDefinition converts by a Service, which the other cluster cannot reach: \
                 its copy does not convert between versions; give the webhook a url to have it convert"
            );
        }
        let write = match stands {
            None => Write::Create { target, body: body.clone() },
            Some(stands) => {
                let stored = serde_json::from_str(&stands.json).ok()?;
                let settled =
                    self.settled.as_ref().is_some_and(|(asked, got)| *asked == body && *got == substance(&stored));
                let patch = copy::change(&stored, &body).filter(|_| !settled)?;
                Write::Patch { target, read: stands.into(), patch, desired: body.clone(), status: false }
            }
        };
        Some((write, body))
    }

    /// Before when nothing is written again.
    pub(super) fn not_before(&self) -> Instant {
        self.not_before
    }

    /// What came of the write.
    pub(super) fn answered(&mut self, write: &Write, copy: Value, answer: Result<Written, WriteError>) {
        let (side, name) = (write.target().side, self.name);
        let wait = match answer {
            Ok(Written::Stored(stored)) => {
                info!(name, side = %side, verb = write.verb(), "copied a CustomResourceDefinition");
                self.settled = serde_json::from_str(&stored.json).ok().map(|stored| (copy, substance(&stored)));
                self.show(side, Some(stored));
                self.failing = None;
                self.backoff = DefaultBackoff::default();
                return;
            }
            // Nothing was sent; the claim is waited for.
            Ok(Written::Deleted) | Err(WriteError::NotLeading) => return,
            // The watch will tell, and until it does there is nothing new to say.
            Err(WriteError::Stale | WriteError::Exists) => self.backoff.next(),
            Err(WriteError::Throttled(milliseconds)) => Some(Duration::from_millis(milliseconds)),
            Err(WriteError::Rejected(why) | WriteError::Unavailable(why)) => {
                if self.failing.as_ref() != Some(&why) {
                    warn!(name, side = %side, why, "a CustomResourceDefinition is not copied; it is tried again");
                }
                self.failing = Some(why);
                self.backoff.next()
            }
        };
        self.not_before = Instant::now() + wait.map_or(LONGEST_WAIT, |wait| wait.min(LONGEST_WAIT));
    }
}

#[cfg(test)]
mod tests;
