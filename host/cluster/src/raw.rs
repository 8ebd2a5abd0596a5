//! An object as kube's watcher is given it: its JSON text, and the one field that the watcher reads.

use std::borrow::Cow;

use kube::Resource;
use kube::api::{ApiResource, DynamicObject, ObjectMeta};
use kube::core::DynamicResourceScope;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Deserializes from JSON text only. In kube's `WatchEvent` the type must stand before the object, where API servers
/// put it: only then is the object not taken apart first.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    /// Nothing but the resourceVersion, where the watcher goes on after a break.
    meta: ObjectMeta,
    json: Box<RawValue>,
}

impl Raw {
    /// The object's text.
    pub(crate) fn json(&self) -> &str {
        self.json.get()
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Head {
            metadata: Metadata,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Metadata {
            resource_version: Option<String>,
        }
        let json = Box::<RawValue>::deserialize(deserializer)?;
        let head: Head = serde_json::from_str(json.get()).map_err(D::Error::custom)?;
        let meta = ObjectMeta { resource_version: head.metadata.resource_version, ..ObjectMeta::default() };
        Ok(Self { meta, json })
    }
}

/// As kube's own [`DynamicObject`].
impl Resource for Raw {
    type DynamicType = ApiResource;
    type Scope = DynamicResourceScope;

    fn group(resource: &ApiResource) -> Cow<'_, str> {
        DynamicObject::group(resource)
    }

    fn version(resource: &ApiResource) -> Cow<'_, str> {
        DynamicObject::version(resource)
    }

    fn kind(resource: &ApiResource) -> Cow<'_, str> {
        DynamicObject::kind(resource)
    }

    fn api_version(resource: &ApiResource) -> Cow<'_, str> {
        DynamicObject::api_version(resource)
    }

    fn plural(resource: &ApiResource) -> Cow<'_, str> {
        DynamicObject::plural(resource)
    }

    fn meta(&self) -> &ObjectMeta {
        &self.meta
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.meta
    }
}

#[cfg(test)]
mod tests {
    use kube::ResourceExt;
    use kube::api::{ObjectList, WatchEvent};

    use super::*;

    const OBJECT: &str = r#"{"metadata": {"name":"a","resourceVersion":"7"},  "data":{"x":1.50}}"#;

    #[test]
    fn the_text_survives_a_watch_event() {
        let line = format!(r#"{{"type":"MODIFIED","object":{OBJECT}}}"#);
        let WatchEvent::Modified(raw) = serde_json::from_str::<WatchEvent<Raw>>(&line).unwrap() else {
            panic!("another event");
        };
        assert_eq!((raw.json(), raw.resource_version().as_deref()), (OBJECT, Some("7")));
    }

    #[test]
    fn the_text_survives_a_list() {
        let list =
            format!(r#"{{"kind":"L","apiVersion":"v1","metadata":{{"continue":"c"}},"items":[{OBJECT},{OBJECT}]}}"#);
        let list: ObjectList<Raw> = serde_json::from_str(&list).unwrap();
        assert_eq!(list.items.iter().map(Raw::json).collect::<Vec<_>>(), [OBJECT, OBJECT]);
        assert_eq!(list.metadata.continue_.as_deref(), Some("c"));
    }

    #[test]
    fn bookmarks_and_errors_are_read_beside_it() {
        let bookmark =
            r#"{"type":"BOOKMARK","object":{"kind":"A","apiVersion":"v1","metadata":{"resourceVersion":"8"}}}"#;
        assert!(matches!(serde_json::from_str::<WatchEvent<Raw>>(bookmark).unwrap(), WatchEvent::Bookmark(_)));
        let error = r#"{"type":"ERROR","object":{"kind":"Status","status":"Failure","code":410,"message":"too old"}}"#;
        assert!(matches!(serde_json::from_str::<WatchEvent<Raw>>(error).unwrap(), WatchEvent::Error(_)));
    }
}
