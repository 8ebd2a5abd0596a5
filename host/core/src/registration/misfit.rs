//! What is wrong with a syncer of a registration, and the way out.

use crate::importing::NamesError;
use crate::key::Gvk;

/// What does not fit in a syncer.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// Up without names.
    #[error("copies up without saying where to; give it names")]
    NoNames,
    /// Down with names.
    #[error("copies down and has names; leave them out, copies have the runtime's names")]
    DownWithNames,
    /// Up with references.
    #[error("copies up and has references, or a watch that selects; leave that out, names say what is brought up")]
    UpWithReferences,
    /// Virtual objects that nothing wants.
    #[error("makes virtual objects and does not say for what; give it references, or a watch that selects")]
    Unwanted,
    /// Virtual objects with what copies have.
    #[error("makes virtual objects and has {0}, which is for copies; leave it out")]
    VirtualWith(&'static str),
    /// A watch that says too little, or what another says.
    #[error("has a watch with an empty {0}")]
    Watch(&'static str),
    /// Two watches of one name.
    #[error("has two watches named {0:?}")]
    TwoWatches(String),
    /// A selection of namespaces, where names say them.
    #[error("copies up and selects namespaces; leave them out, names say where physical objects are")]
    UpWithNamespaces,
    /// Names that lead nowhere.
    #[error(transparent)]
    Names(#[from] NamesError),
    /// A path that is none.
    #[error("has a reference with the path {0:?}; write a JSON pointer such as /spec/tls/*/secretName")]
    Path(String),
    /// A CRD of another group.
    #[error("has crd {crd:?}, which does not define {gvk}; write its plural and group, such as cars.example.com")]
    Crd {
        /// As written.
        crd: String,
        /// The syncer's kind.
        gvk: Gvk,
    },
}
