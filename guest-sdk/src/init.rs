use k8s_openapi::jiff::Timestamp;

use crate::bindings::imports::sluice::plugin::config;

/// The start of a plugin: its time, and where it runs.
#[derive(Clone, Debug)]
pub struct Init {
    now: u64,
}

impl Init {
    pub(crate) fn new(now: u64) -> Self {
        Self { now }
    }

    /// The time of the call. There is no other clock.
    pub fn now(&self) -> Timestamp {
        timestamp(self.now)
    }

    /// The name of the virtual cluster.
    pub fn virtual_cluster(&self) -> String {
        config::here().virtual_cluster
    }

    /// The physical namespace that copies go to.
    pub fn namespace(&self) -> String {
        config::here().namespace
    }
}

/// Of milliseconds since 1970, UTC.
pub(crate) fn timestamp(now: u64) -> Timestamp {
    i64::try_from(now).ok().and_then(|now| Timestamp::from_millisecond(now).ok()).unwrap_or(Timestamp::MAX)
}
