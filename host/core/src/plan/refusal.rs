//! Why a plugin's answer is not followed.

use crate::key::Side;

/// What is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No grant covers it.
    #[error("it asked to {0}, which it is not granted")]
    NotGranted(String),
    /// What no watch shows cannot be deleted as it was seen.
    #[error("it asked to delete {0}, and no watch of its syncer shows such objects")]
    NotWatched(String),
    /// More intents than allowed.
    #[error("it asked for {asked} things at once; the limit is {limit}")]
    TooMany {
        /// How many it returned.
        asked: usize,
        /// How many it may.
        limit: usize,
    },
    /// Two intents for the same thing.
    #[error("it asked twice for the {0} object")]
    Twice(Side),
    /// No JSON object, or one with fields of a wrong type.
    #[error("its {side} object is not a Kubernetes object: {why}")]
    NotAnObject {
        /// Which object it was to be.
        side: Side,
        /// What the parser says.
        why: String,
    },
    /// Another kind than the syncer's.
    #[error("its {side} object is a {found}; it should be a {expected}")]
    AnotherKind {
        /// Which object it was to be.
        side: Side,
        /// What it is.
        found: String,
        /// What it should have been.
        expected: String,
    },
    /// A hook that makes another object of one.
    #[error(
        "its {0} object is another one than it was given: kind, name, namespace, markers and the like are not a hook's"
    )]
    Identity(Side),
    /// No metadata.name.
    #[error("its {0} object has no metadata.name")]
    Nameless(Side),
    /// A JSON pointer that leads nowhere.
    #[error("its {side} object has no place {pointer:?}")]
    NoSuchPlace {
        /// Of which object.
        side: Side,
        /// As the plugin wrote it.
        pointer: String,
    },
    /// A copy of something that is gone, or a status of something that is not there.
    #[error("it asked for a {0} object whose counterpart does not exist")]
    NoCounterpart(String),
    /// An intent about a pair where there is none.
    #[error("it asked, while starting, for {0}; only what is applied can be asked for then")]
    NoPair(&'static str),
    /// An object to apply that is not whole.
    #[error("it asked to apply a part of {0}; give the whole object")]
    NotWhole(String),
}
