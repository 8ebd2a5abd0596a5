//! The loop that gets and keeps a Lease, as client-go's leader election does it: no clock but our own is trusted, and
//! every write of the Lease carries the version that was read.

use std::time::Duration;

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use k8s_openapi::jiff::Timestamp;
use kube::Api;
use kube::api::{ObjectMeta, PostParams};
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep_until};
use tracing::{debug, info, warn};

use super::DURATION;
use super::claim::{Until, is_ahead};
use crate::failure::{status, within, words};

/// From one renewal, or look at the other's, to the next.
const PERIOD: Duration = Duration::from_secs(3);

/// How long before others may take the lease we stop to believe in it. What was sent until then has so long to arrive;
/// what arrives later still meets the preconditions that every write carries.
const GRACE: Duration = Duration::from_secs(5);

/// One replica's part in the election.
pub(super) struct Elector {
    api: Api<Lease>,
    name: String,
    holder: String,
    claim: watch::Sender<Until>,
    /// Ours, as it was last written.
    ours: Option<Lease>,
    /// Version of the Lease that somebody else holds, and since when it has stood still.
    theirs: Option<(String, Instant)>,
    /// Whether the last try failed, which is told once.
    failing: bool,
}

impl Elector {
    pub(super) fn new(api: Api<Lease>, name: &str, holder: &str, claim: watch::Sender<Until>) -> Self {
        Self { api, name: name.into(), holder: holder.into(), claim, ours: None, theirs: None, failing: false }
    }

    /// Runs until it is told to stop, or whoever could tell is gone; then gives the Lease away.
    pub(super) async fn run(mut self, mut stop: oneshot::Receiver<()>) {
        loop {
            tokio::select! {
                _ = &mut stop => break,
                () = self.round() => {}
            }
        }
        self.claim.send_replace(None);
        if let Err(error) = within(GRACE, self.release()).await {
            debug!(lease = self.name, error = words(&error), "the lease is left to run out");
        }
    }

    async fn round(&mut self) {
        let asked = Instant::now();
        match within(GRACE, self.renew()).await {
            Ok(is_ours) => {
                let until = is_ours.then(|| asked + DURATION - GRACE);
                let was_ours = is_ahead(self.claim.send_replace(until));
                if was_ours != is_ours {
                    info!(lease = self.name, holder = self.holder, leading = is_ours, "the lease changed hands");
                }
                self.failing = false;
            }
            // The claim runs out by itself.
            Err(error) => {
                if !std::mem::replace(&mut self.failing, true) {
                    warn!(lease = self.name, error = words(&error), "the lease cannot be renewed and is tried again");
                }
            }
        }
        sleep_until(asked + PERIOD).await;
    }

    /// Takes or renews the Lease if it is ours to take. Returns whether it is ours now.
    async fn renew(&mut self) -> kube::Result<bool> {
        loop {
            let lease = match self.ours.take() {
                Some(lease) => lease,
                None => self.api.get_opt(&self.name).await?.unwrap_or_else(|| fresh(&self.name)),
            };
            if !self.may_take(&lease) {
                return Ok(false);
            }
            match self.put(taken(lease, &self.holder)).await {
                Ok(lease) => {
                    self.ours = Some(lease);
                    return Ok(true);
                }
                // Somebody else wrote it, or we did and never heard: look again.
                Err(error) if status(&error) == Some(409) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether nobody holds it, we do, or the holder has not touched it for as long as it promised to.
    fn may_take(&mut self, lease: &Lease) -> bool {
        let spec = lease.spec.clone().unwrap_or_default();
        let version = lease.metadata.resource_version.clone().unwrap_or_default();
        if spec.holder_identity.is_none_or(|holder| holder.is_empty() || holder == self.holder) {
            return true;
        }
        let promised = spec.lease_duration_seconds.and_then(|seconds| u64::try_from(seconds).ok());
        match &self.theirs {
            Some((seen, since)) if *seen == version => {
                since.elapsed() >= promised.map_or(DURATION, Duration::from_secs)
            }
            _ => {
                self.theirs = Some((version, Instant::now()));
                false
            }
        }
    }

    async fn put(&self, lease: Lease) -> kube::Result<Lease> {
        let params = PostParams::default();
        match lease.metadata.resource_version {
            Some(_) => self.api.replace(&self.name, &params, &lease).await,
            None => self.api.create(&params, &lease).await,
        }
    }

    async fn release(&self) -> kube::Result<()> {
        let Some(mut lease) = self.api.get_opt(&self.name).await? else { return Ok(()) };
        if let Some(spec) = lease.spec.as_mut().filter(|spec| spec.holder_identity.as_ref() == Some(&self.holder)) {
            spec.holder_identity = None;
            self.put(lease).await?;
        }
        Ok(())
    }
}

fn fresh(name: &str) -> Lease {
    Lease { metadata: ObjectMeta { name: Some(name.into()), ..ObjectMeta::default() }, spec: None }
}

/// The Lease as we hold it from now on.
fn taken(mut lease: Lease, holder: &str) -> Lease {
    let now = Some(MicroTime(Timestamp::now()));
    let spec = lease.spec.get_or_insert_with(LeaseSpec::default);
    if spec.holder_identity.as_deref() != Some(holder) {
        spec.holder_identity = Some(holder.into());
        spec.acquire_time.clone_from(&now);
        spec.lease_transitions = Some(spec.lease_transitions.unwrap_or(0) + 1);
    }
    spec.lease_duration_seconds = i32::try_from(DURATION.as_secs()).ok();
    spec.renew_time = now;
    lease
}
