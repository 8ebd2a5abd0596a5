//! Why a piece of work was not done.

use sluice_core::plan::Refusal;
use sluice_core::write::WriteError;
use sluice_sandbox::Fault;

/// One failure, in words for the log and for the user.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("plugin {plugin} says: {why}")]
    Said { plugin: String, why: String, permanent: bool },
    #[error("plugin {plugin} failed: {fault}")]
    Fault { plugin: String, fault: Fault },
    #[error("the answer of plugin {plugin} is refused: {refusal}")]
    Refused { plugin: String, refusal: Refusal },
    #[error(
        "cannot sync to {place}: something is there that this virtual cluster does not manage; \
         rename this object, or have that one removed"
    )]
    Occupied { place: String },
    #[error("cannot {verb} {target}: {error}")]
    Write { verb: &'static str, target: String, error: WriteError },
    #[error("{0}")]
    Definition(String),
}

impl Trouble {
    /// A word for counters.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Said { permanent: false, .. } => "retry",
            Self::Said { permanent: true, .. } => "permanent",
            Self::Fault { fault, .. } => fault.reason(),
            Self::Refused { .. } => "refused",
            Self::Occupied { .. } => "occupied",
            Self::Write { error, .. } => match error {
                WriteError::Stale | WriteError::Exists => "conflict",
                WriteError::Throttled(_) => "throttled",
                WriteError::NotLeading => "not-leading",
                WriteError::Rejected(_) => "rejected",
                WriteError::Unavailable(_) => "unavailable",
            },
            Self::Definition(_) => "not-established",
        }
    }

    /// Whether it passes by itself, so that nobody needs to hear of it.
    pub(crate) fn passes(&self) -> bool {
        match self {
            Self::Write { error, .. } => !matches!(error, WriteError::Rejected(_) | WriteError::Unavailable(_)),
            Self::Fault { fault, .. } => matches!(fault, Fault::Busy(_)),
            _ => false,
        }
    }

    /// How long to wait at least, in milliseconds, where somebody said so.
    pub(crate) fn after(&self) -> Option<u64> {
        match self {
            Self::Write { error: WriteError::Throttled(after), .. } => Some(*after),
            _ => None,
        }
    }
}
