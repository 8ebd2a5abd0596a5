//! The limits that an operator sets: `limits` in the config of a plugin.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Limit, Limits, TABLE};

/// Limits by their names, as they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Asked(BTreeMap<String, Amount>);

/// A number, or a text that stands for one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Amount(String);

/// A limit that cannot be set so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// There is none of this name.
    #[error("plugin {plugin:?} has no limit {name:?}; there are {}", names())]
    Unknown {
        /// The operator's name of the plugin.
        plugin: String,
        /// What there is not.
        name: String,
    },
    /// Not a number of its unit, or one out of its bounds.
    #[error(
        "plugin {plugin:?}: limit {} is {value:?}; it takes {} to {}{}",
        .limit.name, .limit.unit.print(.limit.min), .limit.unit.print(.limit.max), .limit.unit.name()
    )]
    Value {
        /// The operator's name of the plugin.
        plugin: String,
        /// Which limit.
        limit: Limit,
        /// What was written.
        value: String,
    },
}

fn names() -> String {
    TABLE.iter().map(|limit| limit.name).collect::<Vec<_>>().join(", ")
}

impl Asked {
    /// Nothing is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The limits of the plugin that these were written for: what is not set is as by default.
    ///
    /// # Errors
    /// There is no such limit, or it cannot be set so.
    pub fn limits(&self, plugin: &str) -> Result<Limits, LimitError> {
        let mut limits = Limits::default();
        for (name, Amount(value)) in &self.0 {
            let unknown = || LimitError::Unknown { plugin: plugin.into(), name: name.clone() };
            let limit = *TABLE.iter().find(|limit| limit.name == name).ok_or_else(unknown)?;
            let wrong = || LimitError::Value { plugin: plugin.into(), limit, value: value.clone() };
            let number = limit.unit.parse(value).filter(|number| (limit.min..=limit.max).contains(number));
            let set = limits.set(name, number.ok_or_else(wrong)?);
            set.then_some(()).ok_or_else(wrong)?;
        }
        Ok(limits)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Text)
    }
}

/// Takes all that is one value, so that what is wrong with it is told with its bounds.
struct Text;

impl Visitor<'_> for Text {
    type Value = Amount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or a quantity such as 64Mi")
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Amount, E> {
        Ok(Amount(value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Amount, E> {
        Ok(Amount(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Amount, E> {
        Ok(Amount(value.to_string()))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Amount, E> {
        Ok(Amount(value.to_string()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Amount, E> {
        Ok(Amount(value.into()))
    }
}
