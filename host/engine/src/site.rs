//! Two clusters and what stands between them: all that runs for a virtual cluster shares it.

use std::sync::Arc;

use sluice_cluster::{Claim, Cluster, Record, Reporter, Writer};
use sluice_core::key::Side;
use sluice_core::translate::Translator;

use crate::metrics::Metrics;
use crate::quarantine::Herald;

/// Both clusters, reached.
#[derive(Clone)]
pub struct Clusters {
    /// The virtual one.
    pub virtual_: Cluster,
    /// The one below it.
    pub physical: Cluster,
}

impl Clusters {
    /// The cluster of one side.
    pub(crate) fn of(&self, side: Side) -> &Cluster {
        match side {
            Side::Virtual => &self.virtual_,
            Side::Physical => &self.physical,
        }
    }
}

/// Where a virtual cluster is, and as whom it is written to.
#[derive(Clone)]
pub struct Site {
    /// Its names below.
    pub translator: Arc<Translator>,
    /// It, and the one below.
    pub clusters: Clusters,
    /// Whether this process may write.
    pub claim: Claim,
    /// What this process calls itself in Events.
    pub instance: String,
    /// What is counted and seen of it, and of whatever else this process keeps.
    pub metrics: Arc<Metrics>,
}

impl Site {
    pub(crate) fn writer(&self) -> Writer {
        Writer::new(self.clusters.virtual_.clone(), self.clusters.physical.clone(), self.claim.clone())
    }

    pub(crate) fn reporter(&self, side: Side) -> Reporter {
        Reporter::new(self.clusters.of(side), &self.instance)
    }

    /// The runtime's own record of this virtual cluster.
    pub(crate) fn record(&self) -> Record {
        Record::new(&self.clusters.physical, self.translator.namespace(), &self.record_name())
    }

    pub(crate) fn herald(&self) -> Herald {
        let (reporter, record) = (self.reporter(Side::Physical), self.record());
        Herald { reporter, record, namespace: self.translator.namespace().into(), name: self.record_name() }
    }

    fn record_name(&self) -> String {
        format!("sluice-{}", self.translator.name())
    }
}
