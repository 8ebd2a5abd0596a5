//! The shape of `/debug/state.json`.

use serde::Serialize;

/// How a runtime stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The runtime's own version.
    pub version: String,
    /// The virtual clusters that it keeps.
    pub clusters: Vec<Cluster>,
    /// Their plugins, by name.
    pub plugins: Vec<Plugin>,
}

/// A virtual cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cluster {
    /// What it is called.
    pub name: String,
    /// The target namespace.
    pub namespace: String,
    /// Whether this replica writes to it; if not, it stands by.
    pub leader: bool,
}

/// A plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plugin {
    /// What the operator calls it.
    pub name: String,
    /// What it says of itself; empty if it never registered.
    pub version: String,
    /// Of its component: `sha256:` and 64 hex digits.
    pub digest: String,
    /// Where its component came from.
    pub origin: String,
    /// How it does.
    pub state: Standing,
    /// Why what was offered last under its name does not run, in a word; none if it does.
    pub refused: Option<String>,
    /// What it keeps in step.
    pub syncers: Vec<Syncer>,
}

/// How a plugin does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "lowercase")]
pub enum Standing {
    /// Its syncers do not work yet: this replica does not lead, or it has not deployed what it deploys.
    #[default]
    Starting,
    /// It does what it does.
    Running,
    /// Its calls kept failing, so it is not called.
    Quarantined {
        /// Since when: RFC 3339, UTC.
        since: String,
        /// Until when.
        until: String,
        /// How many calls in a row had failed.
        failures: u32,
        /// The reason of the last one, in a word.
        why: String,
    },
    /// No version of it runs.
    Failed {
        /// Why, in a word.
        why: String,
    },
}

/// A syncer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Syncer {
    /// What its plugin calls it.
    pub name: String,
    /// `v1 ConfigMap`.
    pub kind: String,
    /// `down`, `up` or `virtual`.
    pub direction: String,
    /// How it does.
    pub state: Step,
    /// How many objects it knows.
    pub objects: Objects,
    /// What waits in its queue.
    pub queue: Queue,
}

/// How a syncer does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "lowercase")]
pub enum Step {
    /// Its watches have not said what there is.
    #[default]
    Starting,
    /// Something that it needs is not there, such as a kind that is not served.
    Waiting {
        /// What.
        why: String,
    },
    /// Its watches have said what there is, and go on.
    Synced,
}

/// Objects on each side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Objects {
    /// In the virtual cluster.
    #[serde(rename = "virtual")]
    pub above: u64,
    /// In the physical one.
    #[serde(rename = "physical")]
    pub below: u64,
}

/// Keys in a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Queue {
    /// That could be worked on now.
    pub ready: u64,
    /// That are worked on.
    pub held: u64,
    /// That wait for their time, as after a failure.
    pub later: u64,
    /// For how long the oldest of those that could be worked on has waited, in milliseconds.
    pub oldest_ms: u64,
}
