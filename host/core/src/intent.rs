//! What a plugin answers.

use crate::key::{Side, Target};

/// An object as it should be, as the plugin wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// The whole object, JSON.
    Whole(String),
    /// An RFC 7386 merge patch, JSON.
    MergePatch(String),
    /// Single fields by JSON pointer: the JSON that each shall be, or none to take it away.
    Fields(Vec<(String, Option<String>)>),
}

/// A Kubernetes Event on the virtual object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Warning or Normal.
    pub warning: bool,
    /// One CamelCase word.
    pub reason: String,
    /// A sentence.
    pub message: String,
}

/// One thing that a plugin asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// This half of the pair shall look like this.
    Desire(Side, Body),
    /// Its status shall look like this.
    DesireStatus(Side, Body),
    /// This half of the pair shall be gone.
    Remove(Side),
    /// Another object shall look like this.
    Apply(Target, Body),
    /// Another object shall be gone.
    Delete(Target),
    /// Tell the user.
    Event(Note),
    /// Call again after so many milliseconds.
    Requeue(u32),
}

/// Why a plugin gave no intents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Try again, with backoff.
    Retry(String),
    /// Not before an object, the plugin or its config changes.
    Permanent(String),
}

/// A plugin's answer to a call.
pub type Answer = Result<Vec<Intent>, Failure>;
