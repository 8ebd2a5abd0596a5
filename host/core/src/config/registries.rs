//! How registries are reached, and how often.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How registries are reached: over TLS, as nobody, and each where it says that it is, unless this says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Registries {
    /// A file of Docker's config, as a pull secret holds it: credentials under `auths`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_file: Option<PathBuf>,
    /// A file of certificates in PEM that are trusted besides the system's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// Registries, as `host:port`, that are spoken to without TLS.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub insecure: BTreeSet<String>,
    /// What is looked for elsewhere first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mirrors: Vec<Mirror>,
    /// Files of public keys in PEM: every image has to be signed by one of them, if there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cosign_keys: Vec<PathBuf>,
    /// How often they are asked what a tag means now.
    #[serde(default, skip_serializing_if = "PollSeconds::is_default")]
    pub poll_seconds: PollSeconds,
}

/// Where images are looked for before they are where their names say. Several for one prefix are tried in their order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Mirror {
    /// A registry, or a part of it: `registry.example.com/plugins`.
    pub prefix: String,
    /// What stands in its place: `mirror.local:5000/plugins`.
    pub mirror: String,
}

impl Registries {
    /// Nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Seconds between two looks at a tag: 60, if nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Value", into = "u64")]
pub struct PollSeconds(u64);

/// Why something is no [`PollSeconds`].
#[derive(Debug, thiserror::Error)]
#[error("registries.pollSeconds is {value}; it takes {} to {} seconds", PollSeconds::MIN, PollSeconds::MAX)]
pub struct PollError {
    value: Value,
}

impl PollSeconds {
    /// More often would be a load for a registry, and no gain for whoever waits.
    pub const MIN: u64 = 1;
    /// A day. What is to stay as it is longer is better named by its digest.
    pub const MAX: u64 = 24 * 60 * 60;

    /// The time from one look to the next.
    pub fn duration(self) -> Duration {
        Duration::from_secs(self.0)
    }

    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for PollSeconds {
    fn default() -> Self {
        Self(60)
    }
}

/// Of any value, so that what is wrong with it is told with the field and its bounds.
impl TryFrom<Value> for PollSeconds {
    type Error = PollError;

    fn try_from(value: Value) -> Result<Self, PollError> {
        let seconds = value.as_u64().filter(|seconds| (Self::MIN..=Self::MAX).contains(seconds));
        seconds.map(Self).ok_or(PollError { value })
    }
}

impl From<PollSeconds> for u64 {
    fn from(PollSeconds(seconds): PollSeconds) -> Self {
        seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_is_said_in_seconds_within_bounds() {
        let read = |text: &str| serde_json::from_str::<Registries>(text).map(|registries| registries.poll_seconds);
        for (text, seconds) in [("{}", 60), (r#"{"pollSeconds": 1}"#, 1), (r#"{"pollSeconds": 86400}"#, 86_400)] {
            assert_eq!(read(text).unwrap().duration(), Duration::from_secs(seconds), "{text}");
        }
        for wrong in ["0", "86401", "-1", "1.5", "\"60s\"", "null", "[60]"] {
            let said = read(&format!(r#"{{"pollSeconds": {wrong}}}"#)).unwrap_err().to_string();
            let expected = format!("registries.pollSeconds is {wrong}; it takes 1 to 86400 seconds");
            assert!(said.contains(&expected), "{said}");
        }
    }

    #[test]
    fn what_is_as_by_default_is_not_written() {
        let registries = Registries::default();
        assert!(registries.is_empty());
        assert_eq!(serde_json::to_string(&registries).unwrap(), "{}");
        let often = Registries { poll_seconds: PollSeconds(5), ..registries };
        assert_eq!(serde_json::to_string(&often).unwrap(), r#"{"pollSeconds":5}"#);
    }
}
