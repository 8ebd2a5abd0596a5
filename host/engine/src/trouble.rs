//! Why a piece of work was not done.

use sluice_core::key::Side;
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
         rename what is synced, or have that one removed"
    )]
    Occupied { place: String, side: Side },
    #[error("plugin {plugin} denies it: {why}")]
    Denied { plugin: String, why: String },
    #[error("the hook {hook:?} of plugin {plugin} failed, so nothing is done: {why}")]
    Hook { plugin: String, hook: String, why: String },
    #[error("cannot {verb} {target}: {error}")]
    Write { verb: &'static str, target: String, error: WriteError },
    #[error("{0}")]
    Definition(String),
    #[error("its plugin is set aside for {0} ms")]
    Aside(u64),
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
            Self::Denied { .. } => "denied",
            Self::Hook { .. } => "hook",
            Self::Write { error, .. } => error.reason(),
            Self::Definition(_) => "not-established",
            Self::Aside(_) => "quarantined",
        }
    }

    /// What whoever sees the virtual cluster alone is told: of its own objects, not of places in the physical cluster.
    pub(crate) fn for_virtual(&self) -> String {
        match self {
            Self::Occupied { side: Side::Physical, .. } => {
                "something is there in the physical cluster, under the name that this object's copy would have, \
                 that this virtual cluster does not manage; rename this object, or have that one removed"
                    .into()
            }
            Self::Occupied { side: Side::Virtual, .. } => {
                "something is there already: an object of the physical cluster is to be brought up to where this one \
                 stands; remove or rename this one to let it in"
                    .into()
            }
            other => other.to_string(),
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

    /// Whether a call failed by its plugin's own fault: not what others refuse, nor what it says itself.
    pub(crate) fn is_the_plugins(&self) -> bool {
        match self {
            Self::Fault { fault, .. } => !matches!(fault, Fault::Busy(_)),
            Self::Refused { .. } => true,
            _ => false,
        }
    }

    /// How long to wait at least, in milliseconds, where somebody said so.
    pub(crate) fn after(&self) -> Option<u64> {
        match self {
            Self::Write { error: WriteError::Throttled(after), .. } => Some(*after),
            Self::Aside(left) => Some(*left),
            _ => None,
        }
    }
}
