//! What is written to a cluster, and what comes of it.

use std::sync::Arc;

use serde_json::Value;

use crate::key::Target;
use crate::object::{Object, Version};
use crate::patch::covers;

/// One request. Nothing of a pair is touched without saying which object, at which version, was meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// Make it.
    Create {
        /// Where.
        target: Target,
        /// The whole object.
        body: Value,
    },
    /// Change it.
    Patch {
        /// Which.
        target: Target,
        /// What was read.
        read: Read,
        /// RFC 7386 merge patch. The writer adds uid and resourceVersion, so that it fails if another is there.
        patch: Value,
        /// The object as it shall be.
        desired: Value,
        /// Whether it goes to the status subresource.
        status: bool,
    },
    /// Make it look like this, whatever stands there: server-side apply.
    Apply {
        /// Which.
        target: Target,
        /// The fields that shall be so.
        body: Value,
        /// Whose they are.
        manager: String,
    },
    /// Take it away.
    Delete {
        /// Which.
        target: Target,
        /// What was read: the preconditions.
        read: Read,
    },
}

/// Which object, at which version, a write is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// metadata.uid.
    pub uid: Box<str>,
    /// metadata.resourceVersion.
    pub version: Version,
}

impl From<&Object> for Read {
    fn from(object: &Object) -> Self {
        Self { uid: object.uid.clone(), version: object.version.clone() }
    }
}

impl Write {
    /// The object that it is about.
    pub fn target(&self) -> &Target {
        match self {
            Self::Create { target, .. }
            | Self::Patch { target, .. }
            | Self::Apply { target, .. }
            | Self::Delete { target, .. } => target,
        }
    }

    /// Whether what an API server stored is all that was asked for. It may hold more: defaults, what a webhook added.
    pub fn is_settled_by(&self, stored: &Object) -> bool {
        let (Self::Create { body: desired, .. } | Self::Patch { desired, .. }) = self else { return false };
        let Ok(mut stored) = serde_json::from_str::<Value>(&stored.json) else { return false };
        // What every write moves is not asked for.
        for moved in ["resourceVersion", "generation"] {
            if let Some(asked) = desired["metadata"].get(moved) {
                stored["metadata"][moved] = asked.clone();
            }
        }
        covers(&stored, desired)
    }

    /// `create`, `patch`, `apply` or `delete`.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Patch { .. } => "patch",
            Self::Apply { .. } => "apply",
            Self::Delete { .. } => "delete",
        }
    }
}

/// What the API server answered to a write.
#[derive(Clone, Debug)]
pub enum Written {
    /// The object as it stands now.
    Stored(Arc<Object>),
    /// It is gone, or going as soon as its finalizers are done.
    Deleted,
}

/// Why a write did not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// 409 on a patch, delete or apply: it changed since it was read, or meanwhile. 404 on a patch: it is gone. The watch will tell.
    #[error("it changed in between")]
    Stale,
    /// 409 on a create: something stands there that the watch has not shown yet.
    #[error("it exists already")]
    Exists,
    /// 429, or 503 with Retry-After: after so many milliseconds.
    #[error("the API server asks to wait {0} ms")]
    Throttled(u64),
    /// The lease is not ours: nothing was sent.
    #[error("this replica does not lead")]
    NotLeading,
    /// 4xx: the API server will not have it. Its own words.
    #[error("{0}")]
    Rejected(String),
    /// 5xx, a broken connection, a timeout: it may or may not have happened.
    #[error("{0}")]
    Unavailable(String),
}

impl WriteError {
    /// A word for counters.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Stale | Self::Exists => "conflict",
            Self::Throttled(_) => "throttled",
            Self::NotLeading => "not-leading",
            Self::Rejected(_) => "rejected",
            Self::Unavailable(_) => "unavailable",
        }
    }
}
