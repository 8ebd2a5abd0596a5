//! What a plugin says that it is. `wit/registration.schema.json` is its schema.

use serde::Deserialize;

use crate::key::Gvk;

/// The answer to `register`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// What its author calls it. The operator's name for it is the one that counts.
    pub name: String,
    /// Its own version.
    #[serde(default)]
    pub version: String,
    /// One line for the operator.
    #[serde(default)]
    pub description: String,
    /// What it keeps in step.
    #[serde(default)]
    pub syncers: Vec<Syncer>,
}

/// One syncer of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Syncer {
    /// Its name, unique within the plugin.
    pub name: String,
    /// The kind of both its sides.
    pub kind: Gvk,
}

/// Why a registration is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// Not JSON, or not by the schema.
    #[error("its registration does not fit the schema: {0}")]
    Schema(#[from] serde_json::Error),
    /// A required text is empty.
    #[error("its registration has an empty {0}")]
    Empty(&'static str),
    /// Two of one name.
    #[error("its registration has two syncers named {0:?}")]
    Twice(String),
    /// It registers nothing that the runtime could call.
    #[error("it registers no syncer, so there is nothing that it would do")]
    Nothing,
}

impl Registration {
    /// From its JSON text.
    pub fn parse(json: &str) -> Result<Self, RegistrationError> {
        let registration: Self = serde_json::from_str(json)?;
        if registration.name.is_empty() {
            return Err(RegistrationError::Empty("name"));
        }
        if registration.syncers.is_empty() {
            return Err(RegistrationError::Nothing);
        }
        let mut names = std::collections::BTreeSet::new();
        for syncer in &registration.syncers {
            if syncer.name.is_empty() {
                return Err(RegistrationError::Empty("syncers[].name"));
            }
            if syncer.kind.kind.is_empty() || syncer.kind.version.is_empty() {
                return Err(RegistrationError::Empty("syncers[].kind"));
            }
            if !names.insert(&syncer.name) {
                return Err(RegistrationError::Twice(syncer.name.clone()));
            }
        }
        Ok(registration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_says_what_is_wrong_with_it() {
        let syncer = r#"{"name":"s","kind":{"group":"","version":"v1","kind":"ConfigMap"}}"#;
        for (json, said) in [
            ("{".to_owned(), "does not fit the schema"),
            (r#"{"name":"p","syncers":[],"hooks":[]}"#.into(), "unknown field `hooks`"),
            (r#"{"name":"p"}"#.into(), "no syncer"),
            (format!(r#"{{"name":"","syncers":[{syncer}]}}"#), "empty name"),
            (format!(r#"{{"name":"p","syncers":[{syncer},{syncer}]}}"#), "two syncers named \"s\""),
        ] {
            let error = Registration::parse(&json).unwrap_err().to_string();
            assert!(error.contains(said), "{json}: {error}");
        }
        assert!(Registration::parse(&format!(r#"{{"name":"p","syncers":[{syncer}]}}"#)).is_ok());
    }
}
