//! Which virtual object a physical one becomes when it is brought up.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::object::Object;
use crate::pointer;

/// Where physical objects of a syncer that copies up go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Names {
    /// A cluster-scoped object keeps its name.
    Same,
    /// The plugin says: its `mapping` is asked. Objects are those of the target namespace.
    Own,
    /// An annotation of the physical object says it, as `namespace/name`. Objects without it are not brought up.
    Annotation(String),
    /// A table from physical to virtual, such as `team/a: default/b`, `team/*: default/*`, and for what has no
    /// namespace `a: b`, `*: *`. A name with an empty namespace is one of the target namespace. The first of an exact
    /// entry and a `*` entry counts.
    Map(BTreeMap<String, String>),
}

/// Why names cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NamesError {
    /// An entry that does not say what it should.
    #[error(
        "names.map: {0:?} to {1:?} leads nowhere; write namespace/name to namespace/name, or namespace/* to namespace/*"
    )]
    Entry(String, String),
    /// An annotation that no object could have.
    #[error("names.annotation: {0:?} is no annotation; name one such as example.com/import")]
    Annotation(String),
}

impl Names {
    /// Whether every entry leads somewhere.
    pub(crate) fn check(&self) -> Result<(), NamesError> {
        match self {
            Self::Same | Self::Own => Ok(()),
            Self::Annotation(key) if key.is_empty() || key.contains(char::is_whitespace) => {
                Err(NamesError::Annotation(key.clone()))
            }
            Self::Annotation(_) => Ok(()),
            Self::Map(map) => map.iter().try_for_each(|(from, to)| {
                // An empty namespace is the target namespace, below alone.
                let below = from.strip_prefix('/').map_or_else(|| key(from), |name| key(&format!("-/{name}")));
                let fits = below.zip(key(to)).is_some_and(|(from, to)| {
                    let star = |key: &Key| &*key.name == "*";
                    let plain = |key: &Key| star(key) || !key.name.contains('*');
                    let named = |key: &Key| key.namespace.as_deref().is_none_or(|namespace| !namespace.contains('*'));
                    let (from_ok, to_ok) = (plain(&from) && named(&from), plain(&to) && named(&to));
                    from_ok && to_ok && star(&from) == star(&to) && from.namespace.is_some() == to.namespace.is_some()
                });
                if fits { Ok(()) } else { Err(NamesError::Entry(from.clone(), to.clone())) }
            }),
        }
    }

    /// Whether no virtual object can be in both.
    pub fn is_apart(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Map(one), Self::Map(other)) => {
                let places =
                    |map: &BTreeMap<String, String>| -> Vec<Key> { map.values().filter_map(|to| key(to)).collect() };
                let (one, other) = (places(one), places(other));
                let meet = |one: &Key, other: &Key| {
                    one.namespace == other.namespace
                        && (one.name == other.name || [&one.name, &other.name].iter().any(|name| &***name == "*"))
                };
                !one.iter().any(|one| other.iter().any(|other| meet(one, other)))
            }
            // Whoever writes the annotations says where to: it shows when it happens.
            (Self::Annotation(one), Self::Annotation(other)) => one != other,
            _ => false,
        }
    }

    /// The virtual key of a physical object; none if it is not brought up, or if the plugin says where.
    pub fn virtual_key(&self, physical: &Object, target_namespace: &str) -> Option<Key> {
        match self {
            Self::Own => None,
            Self::Same => physical.key.namespace.is_none().then(|| physical.key.clone()),
            Self::Annotation(annotation) => {
                let annotation = annotation.replace('~', "~0").replace('/', "~1");
                let text = pointer::get(&physical.json, &format!("/metadata/annotations/{annotation}"))?;
                key(&serde_json::from_str::<String>(text).ok()?)
                    .filter(|key| key.namespace.is_some() == physical.key.namespace.is_some())
            }
            Self::Map(map) => {
                let Key { namespace, name } = &physical.key;
                let places: Vec<&str> = match namespace.as_deref() {
                    // Its own namespace may be written in full or left out.
                    Some(namespace) if namespace == target_namespace => vec![namespace, ""],
                    Some(namespace) => vec![namespace],
                    None => vec![],
                };
                let spell = |name: &str| -> Vec<String> {
                    if namespace.is_none() {
                        vec![name.into()]
                    } else {
                        places.iter().map(|namespace| format!("{namespace}/{name}")).collect()
                    }
                };
                let find = |name: &str| spell(name).iter().find_map(|from| map.get(from));
                let to = find(name).or_else(|| find("*"))?;
                key(&to.replace('*', name))
            }
        }
    }

    /// The physical namespaces that its objects are in: the target namespace, unless the table names others or they are in
    /// none.
    pub fn namespaces(&self, target_namespace: &str) -> BTreeSet<String> {
        match self {
            Self::Same => BTreeSet::new(),
            Self::Map(map) => {
                let named = map.keys().filter_map(|from| from.split_once('/')).map(|(namespace, _)| namespace);
                named.map(|namespace| if namespace.is_empty() { target_namespace } else { namespace }.into()).collect()
            }
            _ => BTreeSet::from([target_namespace.into()]),
        }
    }
}

/// `namespace/name`, or `name` alone; none where a part is empty or there are more.
fn key(text: &str) -> Option<Key> {
    let (namespace, name) = match text.split_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, text),
    };
    let fits = |part: &str| !part.is_empty() && !part.contains('/');
    (fits(name) && namespace.is_none_or(fits)).then(|| Key { namespace: namespace.map(Into::into), name: name.into() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::key::Gvk;

    fn object(metadata: &serde_json::Value) -> Object {
        Object::parse(&Gvk::new("", "v1", "Secret"), &json!({ "metadata": metadata }).to_string()).unwrap()
    }

    fn table(entries: &[(&str, &str)]) -> Names {
        Names::Map(entries.iter().map(|&(from, to)| (from.into(), to.into())).collect())
    }

    #[test]
    fn an_annotation_says_namespace_and_name() {
        let names = Names::Annotation("example.com/import".into());
        for (said, key) in [("a/b", Some("a/b")), ("b", None), ("a/b/c", None), ("/b", None), ("", None)] {
            let object =
                object(&json!({ "name": "x", "namespace": "ns", "annotations": { "example.com/import": said } }));
            assert_eq!(names.virtual_key(&object, "ns").map(|key| key.to_string()).as_deref(), key, "{said:?}");
        }
        assert_eq!(names.virtual_key(&object(&json!({ "name": "x", "namespace": "ns" })), "ns"), None);
    }

    #[test]
    fn a_table_leads_from_physical_to_virtual() {
        let names = table(&[("team/a", "default/b"), ("team/*", "team/*"), ("/c", "own/c"), ("*", "*"), ("d", "e")]);
        names.check().unwrap();
        for (namespace, name, key) in [
            (Some("team"), "a", Some("default/b")),
            (Some("team"), "x", Some("team/x")),
            (Some("ns"), "c", Some("own/c")),
            (Some("ns"), "x", None),
            (Some("other"), "c", None),
            (None, "d", Some("e")),
            (None, "x", Some("x")),
        ] {
            let object = object(&json!({ "name": name, "namespace": namespace }));
            assert_eq!(names.virtual_key(&object, "ns").map(|key| key.to_string()).as_deref(), key, "{name}");
        }
        assert_eq!(names.namespaces("ns"), BTreeSet::from(["ns".into(), "team".into()]));
    }

    #[test]
    fn what_leads_nowhere_is_refused() {
        for (from, to) in [("a", "b/c"), ("a/*", "b/c"), ("a/b", "/c"), ("*/a", "b/a"), ("", ""), ("a/b/c", "a/b/c")] {
            assert!(table(&[(from, to)]).check().is_err(), "{from} to {to}");
        }
        assert!(Names::Annotation(String::new()).check().is_err());
    }
}
