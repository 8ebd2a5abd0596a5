//! The only code that writes.

mod answer;
pub(crate) mod request;

use sluice_core::key::Side;
use sluice_core::write::{Write, WriteError, Written};

use crate::cluster::Cluster;
use crate::failure::{REQUEST, within, words};
use crate::lease::Claim;
use crate::resource::{Resource, ResourceError};
use answer::Answer;

/// Writes to both clusters, one request a call, while the claim is held.
#[derive(Clone, Debug)]
pub struct Writer {
    virtual_cluster: Cluster,
    physical_cluster: Cluster,
    claim: Claim,
}

impl Writer {
    /// Of the two clusters, and the claim that is asked before every write.
    pub fn new(virtual_cluster: Cluster, physical_cluster: Cluster, claim: Claim) -> Self {
        Self { virtual_cluster, physical_cluster, claim }
    }

    /// Sends one write and waits for its answer, 30 s at most.
    ///
    /// # Errors
    /// See [`WriteError`]. It never tries again by itself.
    pub async fn write(&self, write: &Write) -> Result<Written, WriteError> {
        let target = write.target();
        let cluster = match target.side {
            Side::Virtual => &self.virtual_cluster,
            Side::Physical => &self.physical_cluster,
        };
        let resource = cluster.resource(&target.gvk).await.map_err(|error| match error {
            ResourceError::NotServed { .. } => WriteError::Rejected(error.to_string()),
            ResourceError::Unknown { .. } => WriteError::Unavailable(error.to_string()),
        })?;
        let request = request::build(write, &resource).map_err(WriteError::Rejected)?;
        if !self.claim.held() {
            return Err(WriteError::NotLeading);
        }
        let answer = within(REQUEST, Answer::to(cluster, request)).await;
        answer.map_err(|error| WriteError::Unavailable(words(&error)))?.about(write)
    }
}
