//! JSON of others, taken apart key by key, so that what is wrong is named and nothing of what it holds is repeated.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// What is wrong with which key.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// It is not there, or empty.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// Something else.
    #[error("`{key}` {what}")]
    Field {
        /// Dotted, from the outermost.
        key: String,
        /// As in "is no text".
        what: String,
    },
}

impl Wrong {
    pub(super) fn field(key: &str, what: &str) -> Self {
        Self::Field { key: key.into(), what: what.into() }
    }
}

/// A JSON object, and where it stands. One that is absent has no fields.
#[derive(Default)]
pub(super) struct Fields {
    path: String,
    map: Map<String, Value>,
}

impl Fields {
    /// `path`: where it stands; empty for the outermost.
    pub(super) fn parse(path: &str, json: &[u8]) -> Result<Self, Wrong> {
        let name = if path.is_empty() { "InitConfig" } else { path };
        match serde_json::from_slice(json) {
            Ok(Value::Object(map)) => Ok(Self { path: path.into(), map }),
            Ok(Value::Null) => Ok(Self::default()),
            Ok(_) => Err(Wrong::field(name, "is no JSON object")),
            // serde's own words may repeat what they are about.
            Err(error) => {
                let what = format!("is no JSON, at line {} column {}", error.line(), error.column());
                Err(Wrong::field(name, &what))
            }
        }
    }

    /// An object within.
    pub(super) fn at(&self, key: &str) -> Result<Self, Wrong> {
        let path = self.path(key);
        match self.map.get(key) {
            None | Some(Value::Null) => Ok(Self { path, ..Self::default() }),
            Some(Value::Object(map)) => Ok(Self { path, map: map.clone() }),
            Some(_) => Err(Wrong::field(&path, "is no JSON object")),
        }
    }

    /// An object within, as base64 of its JSON.
    pub(super) fn encoded(&self, key: &str) -> Result<Self, Wrong> {
        self.bytes(key)?.map_or_else(|| Ok(Self::default()), |json| Self::parse(&self.path(key), &json))
    }

    /// A text that is not empty.
    pub(super) fn text(&self, key: &str) -> Result<Option<String>, Wrong> {
        match self.map.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(_) => Err(Wrong::field(&self.path(key), "is no text")),
        }
    }

    /// The first of these texts that is there.
    pub(super) fn first(&self, keys: &[&str]) -> Result<Option<String>, Wrong> {
        keys.iter().find_map(|key| self.text(key).transpose()).transpose()
    }

    /// Go's `[]byte`: base64 of at least one byte.
    pub(super) fn bytes(&self, key: &str) -> Result<Option<Vec<u8>>, Wrong> {
        let decode = |text| STANDARD.decode(text).map_err(|_| Wrong::field(&self.path(key), "is no base64"));
        self.text(key)?.map(decode).transpose()
    }

    /// A port's number.
    pub(super) fn port(&self, key: &'static str) -> Result<u16, Wrong> {
        let value = self.map.get(key).ok_or(Wrong::Missing(key))?;
        let port = value.as_u64().and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0);
        port.ok_or_else(|| Wrong::field(&self.path(key), "is no port"))
    }

    fn path(&self, key: &str) -> String {
        if self.path.is_empty() { key.into() } else { format!("{}.{key}", self.path) }
    }
}
