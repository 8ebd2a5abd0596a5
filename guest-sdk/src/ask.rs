use serde::Serialize;

use crate::Side;

/// Something that a plugin wants to do beyond keeping copies: some verbs for some objects of one kind.
///
/// ```
/// use sluice_sdk::{Ask, Side, Verb};
///
/// Ask::new(Side::Virtual, "apps", "Deployment").verbs([Verb::Create, Verb::Update]).namespaces(["default"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[must_use]
pub struct Ask {
    side: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    group: String,
    kind: String,
    verbs: Vec<Verb>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    namespaces: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    names: Vec<String>,
}

/// What may be done with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// See it.
    Read,
    /// Make it.
    Create,
    /// Change it.
    Update,
    /// Change its status.
    Status,
    /// Take it away.
    Delete,
}

impl Ask {
    /// For objects of this kind; `group` is "" for the core group. It asks for nothing before it has
    /// [`verbs`](Self::verbs).
    pub fn new(side: Side, group: impl Into<String>, kind: impl Into<String>) -> Self {
        Self {
            side: match side {
                Side::Virtual => "virtual",
                Side::Physical => "physical",
            },
            group: group.into(),
            kind: kind.into(),
            verbs: Vec::new(),
            namespaces: Vec::new(),
            names: Vec::new(),
        }
    }

    /// To do this. [`Intents::apply`](crate::Intents::apply) takes both [`Verb::Create`] and [`Verb::Update`].
    pub fn verbs(self, verbs: impl IntoIterator<Item = Verb>) -> Self {
        Self { verbs: verbs.into_iter().collect(), ..self }
    }

    /// In these namespaces alone.
    pub fn namespaces<S: Into<String>>(self, namespaces: impl IntoIterator<Item = S>) -> Self {
        Self { namespaces: namespaces.into_iter().map(Into::into).collect(), ..self }
    }

    /// With objects of these names alone.
    pub fn names<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        Self { names: names.into_iter().map(Into::into).collect(), ..self }
    }
}
