use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which objects to copy; all if nothing is said.
//
// Its docs are what the operator reads in the schema of a config that holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Select {
    /// Those in these namespaces; all if it is empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
    /// Those with such labels, in kubectl's spelling: team=a,tier in (x,y),!legacy. All if it is empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub labels: String,
}

impl Select {
    /// Leaves nothing out.
    pub fn all() -> Self {
        Self::default()
    }

    /// With such labels alone: `Select::all().labels("team=a,tier in (x,y),!legacy")`.
    #[must_use]
    pub fn labels(self, selector: impl Into<String>) -> Self {
        Self { labels: selector.into(), ..self }
    }

    /// In these namespaces alone: `Select::all().namespaces(["team-a", "team-b"])`.
    #[must_use]
    pub fn namespaces<S: Into<String>>(self, namespaces: impl IntoIterator<Item = S>) -> Self {
        Self { namespaces: namespaces.into_iter().map(Into::into).collect(), ..self }
    }

    pub(crate) fn is_all(&self) -> bool {
        *self == Self::default()
    }
}
