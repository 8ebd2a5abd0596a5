//! Which object: sides, kinds and keys.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// One of the two clusters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The virtual cluster.
    Virtual,
    /// The cluster below it, which vCluster also calls host.
    Physical,
}

impl Side {
    /// Both, virtual first.
    pub const BOTH: [Self; 2] = [Self::Virtual, Self::Physical];

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Virtual => Self::Physical,
            Self::Physical => Self::Virtual,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Virtual => "virtual",
            Self::Physical => "physical",
        })
    }
}

/// Which way a syncer copies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Virtual objects get physical copies.
    #[default]
    Down,
    /// Physical objects get virtual copies.
    Up,
    /// There are no physical objects: virtual ones stand where something wants them.
    Virtual,
}

impl Direction {
    /// The side whose objects are copied, if any are.
    pub fn source(self) -> Side {
        match self {
            Self::Down => Side::Virtual,
            Self::Up | Self::Virtual => Side::Physical,
        }
    }

    /// The side that the copies are on, or what the runtime makes without a source.
    pub fn copy(self) -> Side {
        self.source().other()
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Down => "down",
            Self::Up => "up",
            Self::Virtual => "virtual",
        })
    }
}

/// Group (empty for core), version and kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gvk {
    /// `apps`, or empty for the core group.
    pub group: String,
    /// `v1`.
    pub version: String,
    /// `Deployment`.
    pub kind: String,
}

impl Gvk {
    /// From its three parts.
    pub fn new(group: &str, version: &str, kind: &str) -> Self {
        Self { group: group.into(), version: version.into(), kind: kind.into() }
    }

    /// As in an object's `apiVersion` field: `v1`, `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// From an object's `apiVersion` and `kind` fields.
    pub fn from_api_version(api_version: &str, kind: &str) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Self::new(group, version, kind)
    }
}

/// `v1 ConfigMap`, `apps/v1 Deployment`.
impl fmt::Display for Gvk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.api_version(), self.kind)
    }
}

/// Namespace and name of an object within its kind and side.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// None for cluster-scoped objects.
    pub namespace: Option<Arc<str>>,
    /// The object's name.
    pub name: Arc<str>,
}

impl Key {
    /// A namespaced key.
    pub fn namespaced(namespace: &str, name: &str) -> Self {
        Self { namespace: Some(namespace.into()), name: name.into() }
    }

    /// A cluster-scoped key.
    pub fn cluster(name: &str) -> Self {
        Self { namespace: None, name: name.into() }
    }
}

/// `namespace/name`, or `name` alone.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{namespace}/{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// One object of one cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Which cluster.
    pub side: Side,
    /// Its kind.
    pub gvk: Gvk,
    /// Its namespace and name.
    pub key: Key,
}

/// `virtual v1 ConfigMap default/a`.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.side, self.gvk, self.key)
    }
}

/// A moment, in milliseconds since 1970. It is always passed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub u64);

impl Time {
    /// This long after it.
    #[must_use]
    pub fn after(self, milliseconds: u64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }

    /// Milliseconds from `now` until it; 0 if it has passed.
    pub fn until(self, now: Self) -> u64 {
        self.0.saturating_sub(now.0)
    }
}
