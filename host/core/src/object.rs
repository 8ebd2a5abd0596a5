//! A Kubernetes object as the runtime holds it: a few strings that it needs, and the JSON text untouched.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::key::{Gvk, Key};
use crate::markers::Markers;

/// metadata.resourceVersion. Compared as a number where both are one, as API servers of 1.35 and later promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(Box<str>);

impl Version {
    /// As the API server wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether an object at this version shows a write that was answered with `other`.
    pub fn shows(&self, other: &Self) -> bool {
        match (self.0.parse::<u128>(), other.0.parse::<u128>()) {
            (Ok(mine), Ok(theirs)) => mine >= theirs,
            _ => self == other,
        }
    }
}

impl From<&str> for Version {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

/// An object as its API server last showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Namespace and name.
    pub key: Key,
    /// metadata.uid.
    pub uid: Box<str>,
    /// metadata.resourceVersion.
    pub version: Version,
    /// Whether metadata.deletionTimestamp is set.
    pub deleting: bool,
    /// vCluster's labels and annotations; none where it has none of them.
    pub markers: Option<Box<Markers>>,
    /// The whole object without managedFields, with apiVersion and kind.
    pub json: Box<str>,
}

/// Why a text is no Kubernetes object.
#[derive(Debug, thiserror::Error)]
#[error("not a Kubernetes object: {0}")]
pub struct IntakeError(#[from] serde_json::Error);

impl Object {
    /// Takes in an object's JSON. Nothing but the metadata is parsed. List items lack apiVersion and kind: they are put in.
    pub fn parse(gvk: &Gvk, json: &str) -> Result<Self, IntakeError> {
        let top: Top<'_> = serde_json::from_str(map(json)?)?;
        let metadata: Metadata<'_> = serde_json::from_str(map(top.metadata.get())?)?;
        Ok(Self {
            key: Key { namespace: metadata.namespace.map(Into::into), name: metadata.name.into() },
            uid: metadata.uid.into(),
            version: Version(metadata.resource_version.into()),
            deleting: metadata.deletion_timestamp.is_some(),
            markers: Markers::new(metadata.labels, metadata.annotations).map(Box::new),
            json: text(gvk, json, top.kind, metadata.managed_fields),
        })
    }

    /// Without its text, where only its being there matters.
    pub fn without_text(&self) -> Self {
        Self { json: "".into(), ..self.clone() }
    }

    /// Whether this is the same object at the same version.
    pub fn same(&self, other: &Self) -> bool {
        self.uid == other.uid && self.version == other.version
    }
}

/// Serde takes a list for a struct, its fields one after the other.
fn map(json: &str) -> Result<&str, serde_json::Error> {
    if json.trim_start().starts_with('[') { Err(serde_json::Error::custom("it is a list")) } else { Ok(json) }
}

/// The stored text: without managedFields, with apiVersion and kind, in one allocation.
fn text(gvk: &Gvk, json: &str, typed: bool, managed_fields: Option<&RawValue>) -> Box<str> {
    let cut = managed_fields.map_or(0..0, |value| member_span(json, value.get()));
    let types =
        if typed { String::new() } else { format!(r#""apiVersion":"{}","kind":"{}","#, gvk.api_version(), gvk.kind) };
    let open = json.find('{').map_or(0, |at| at + 1);
    let mut text = String::with_capacity(json.len() - cut.len() + types.len());
    text.push_str(&json[..open]);
    text.push_str(&types);
    if cut.is_empty() {
        text.push_str(&json[open..]);
    } else {
        text.push_str(&json[open..cut.start]);
        text.push_str(&json[cut.end..]);
    }
    text.into_boxed_str()
}

/// Where the member `"name":value` stands in `json`, with the comma that parts it from its neighbour.
/// `value` is a slice of `json`.
fn member_span(json: &str, value: &str) -> std::ops::Range<usize> {
    let bytes = json.as_bytes();
    let value_start = value.as_ptr() as usize - json.as_ptr() as usize;
    let mut end = value_start + value.len();
    // Backwards over `"name" :`, whose name holds no quote.
    let mut quotes = 0;
    let mut start = value_start;
    while quotes < 2 {
        start -= 1;
        quotes += usize::from(bytes[start] == b'"');
    }
    let before = json[..start].trim_end();
    if before.ends_with(',') {
        start = before.len() - 1;
    } else {
        let after = json[end..].trim_start();
        if after.starts_with(',') {
            end = json.len() - after.len() + 1;
        }
    }
    start..end
}

#[derive(Deserialize)]
struct Top<'a> {
    #[serde(borrow)]
    metadata: &'a RawValue,
    #[serde(default, deserialize_with = "said")]
    kind: bool,
}

/// Whatever it says: put in beside a null it would be there twice.
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(default)]
    namespace: Option<&'a str>,
    #[serde(borrow, default)]
    uid: Cow<'a, str>,
    #[serde(borrow, default)]
    resource_version: Cow<'a, str>,
    deletion_timestamp: Option<IgnoredAny>,
    #[serde(borrow, default, deserialize_with = "ours")]
    labels: Pairs<'a>,
    #[serde(borrow, default, deserialize_with = "ours")]
    annotations: Pairs<'a>,
    #[serde(borrow)]
    managed_fields: Option<&'a RawValue>,
}

/// Label or annotation pairs whose keys begin with vCluster's prefix.
pub(crate) type Pairs<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// Keeps vCluster's pairs of a map of strings and skips the rest unparsed; null is an empty map.
fn ours<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Pairs<'de>, D::Error> {
    struct Ours;
    impl<'de> Visitor<'de> for Ours {
        type Value = Pairs<'de>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map of strings")
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut pairs = Vec::new();
            while let Some(Text(key)) = map.next_key()? {
                if key.starts_with(crate::markers::PREFIX) {
                    let Text(value) = map.next_value()?;
                    pairs.push((key, value));
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            Ok(pairs)
        }
    }
    deserializer.deserialize_any(Ours)
}

/// A string that is borrowed where it holds no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn config_map(json: &str) -> Object {
        Object::parse(&Gvk::new("", "v1", "ConfigMap"), json).unwrap()
    }

    #[test]
    fn managed_fields_are_cut_out_and_all_else_stays_to_the_byte() {
        for (json, kept) in [
            (
                r#"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","managedFields":[{"a":"}"}],"uid":"u"},"data":{"x": "y"}}"#,
                r#"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","uid":"u"},"data":{"x": "y"}}"#,
            ),
            (
                r#"{"kind":"ConfigMap","metadata":{"managedFields" : [] , "name":"a"}}"#,
                r#"{"kind":"ConfigMap","metadata":{ "name":"a"}}"#,
            ),
            (
                r#"{"kind":"ConfigMap","metadata":{"name":"a","managedFields":[]}}"#,
                r#"{"kind":"ConfigMap","metadata":{"name":"a"}}"#,
            ),
        ] {
            assert_eq!(&*config_map(json).json, kept);
        }
    }

    #[test]
    fn list_items_get_their_kind() {
        assert_eq!(
            &*config_map(r#"{"metadata":{"name":"a"}}"#).json,
            r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}"#
        );
    }

    #[test]
    fn a_kind_that_is_null_is_not_said_twice() {
        let json = r#"{"kind":null,"metadata":{"name":"a"}}"#;
        assert_eq!(&*config_map(json).json, json);
    }

    #[test]
    fn metadata_is_read() {
        let object = config_map(
            r#"{"metadata":{"name":"a\u0062","namespace":"n","uid":"u","resourceVersion":"7","deletionTimestamp":"t","labels":null}}"#,
        );
        assert_eq!(object.key, Key::namespaced("n", "ab"));
        assert_eq!((&*object.uid, object.version.as_str(), object.deleting), ("u", "7", true));
        assert_eq!(object.markers, None);
    }

    #[test]
    fn versions_are_ordered_as_numbers() {
        assert!(Version::from("10").shows(&"9".into()));
        assert!(!Version::from("9").shows(&"10".into()));
        assert!(!Version::from("b").shows(&"a".into()));
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for json in [
            "",
            "[]",
            "{}",
            r#"[{"name":"a"}]"#,
            r#"{"metadata":["a"]}"#,
            r#"{"metadata":{}}"#,
            r#"{"metadata":{"name":1}}"#,
        ] {
            assert!(Object::parse(&Gvk::new("", "v1", "ConfigMap"), json).is_err(), "{json}");
        }
    }
}
