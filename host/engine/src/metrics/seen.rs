//! What a probe and a person are shown.

use jiff::Timestamp;
use sluice_admin::state::{self, Objects, State, Step};
use sluice_admin::{Check, Seen};
use sluice_core::key::Time;

use super::plugin::{PluginMeter, Standing};
use super::syncer::SyncerMeter;
use super::{Metrics, read};
use std::sync::atomic::Ordering;

impl Seen for Metrics {
    fn live(&self) -> Vec<Check> {
        // That somebody answers is all that has to be known: what is wrong elsewhere no restart mends.
        vec![Check::passed("process", "")]
    }

    /// Whether what there is has been seen. A replica that stands by has seen it too, and so could lead at once. What one
    /// plugin lacks, such as a kind or an end to its quarantine, another replica would lack as well.
    fn ready(&self) -> Vec<Check> {
        let loaded = self.loaded.load(Ordering::Relaxed);
        let mut checks = vec![if loaded {
            Check::passed("plugins", "")
        } else {
            Check::failed("plugins", "they are not loaded yet")
        }];
        for kept in read(&self.clusters).iter() {
            let said = if (kept.leads)() { "this replica leads" } else { "this replica stands by, and does not write" };
            checks.push(Check::passed(format!("lease {}", kept.name), said));
        }
        self.all().iter().for_each(|plugin| plugin.ready(&mut checks));
        checks
    }

    fn state(&self) -> State {
        let clusters = read(&self.clusters);
        let clusters = clusters.iter().map(|kept| state::Cluster {
            name: kept.name.clone(),
            namespace: kept.namespace.clone(),
            leader: (kept.leads)(),
        });
        State {
            version: env!("CARGO_PKG_VERSION").into(),
            clusters: clusters.collect(),
            plugins: self.all().iter().map(|plugin| plugin.state()).collect(),
        }
    }

    fn metrics(&self) -> String {
        self.page()
    }
}

impl PluginMeter {
    fn ready(&self, checks: &mut Vec<Check>) {
        let standing = read(&self.standing).clone();
        match standing {
            Standing { aside: Some((_, _, why)), .. } => {
                checks.push(Check::passed(format!("plugin {}", self.name), format!("set aside for {why}")));
            }
            _ => checks.extend(standing.failed().map(|why| {
                Check::passed(format!("plugin {}", self.name), format!("it does not run as it should: {why}"))
            })),
        }
        for syncer in read(&self.syncers).values() {
            let name = format!("syncer {}/{}", self.name, syncer.name);
            checks.push(match syncer.turn().step {
                Step::Synced => Check::passed(name, ""),
                Step::Waiting { why } => Check::passed(name, format!("it waits: {why}")),
                // It is not asked what it would have to say first.
                Step::Starting if standing.aside.is_some() => Check::passed(name, "it waits for its plugin"),
                Step::Starting => Check::failed(name, "its watches have not said yet what there is"),
            });
        }
    }

    fn state(&self) -> state::Plugin {
        let standing = read(&self.standing).clone();
        let identity = standing.identity.clone().unwrap_or_default();
        let digest = if identity.digest.is_empty() { String::new() } else { format!("sha256:{}", identity.digest) };
        state::Plugin {
            name: self.name.clone(),
            version: identity.version.clone(),
            digest,
            origin: identity.origin.clone(),
            state: standing.state(),
            refused: standing.refused.map(Into::into),
            syncers: read(&self.syncers).values().map(|syncer| syncer.state()).collect(),
        }
    }
}

impl Standing {
    fn state(&self) -> state::Standing {
        match *self {
            Self { aside: Some((since, aside, why)), .. } => state::Standing::Quarantined {
                since: told(since),
                until: told(since.after(aside.pause)),
                failures: aside.failures,
                why: why.into(),
            },
            Self { runs: true, .. } => state::Standing::Running,
            _ => self.failed().map_or(state::Standing::Starting, |why| state::Standing::Failed { why: why.into() }),
        }
    }
}

impl SyncerMeter {
    fn state(&self) -> state::Syncer {
        let turn = self.turn();
        let count = |count| u64::try_from(count).unwrap_or(u64::MAX);
        let (above, below) = turn.objects;
        state::Syncer {
            name: self.name.clone(),
            kind: self.kind.clone(),
            direction: self.direction.clone(),
            objects: Objects { above: count(above), below: count(below) },
            queue: state::Queue {
                ready: count(turn.depth.ready),
                held: count(turn.depth.held),
                later: count(turn.depth.later),
                oldest_ms: turn.oldest(),
            },
            state: turn.step,
        }
    }
}

/// RFC 3339, to the second.
fn told(time: Time) -> String {
    let seconds = i64::try_from(time.0 / 1_000).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or_default().to_string()
}
