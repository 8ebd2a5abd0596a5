//! Objects as API servers show them.

use std::fmt::Write;

use serde::de::IgnoredAny;
use serde_json::Value;
use sluice_core::key::Gvk;
use sluice_core::object::Object;
use sluice_core::pointer;
use sluice_core::translate::Metadata;

use super::Target;

pub(super) struct Intake;

/// Pointers that lead nowhere, or somewhere odd.
const ODD: [&str; 12] = [
    "",
    "/",
    "//",
    "a",
    "/metadata/",
    "/~",
    "/~0",
    "/~01",
    "/a~1b",
    "/data/00",
    "/data/-",
    "/data/18446744073709551616",
];
/// How many places of an object are looked up.
const PLACES: usize = 64;
/// How long a pointer is followed into what nests deeply.
const DEEP: usize = 20_000;

impl Target for Intake {
    const NAME: &'static str = "object";

    fn run(input: &[u8]) {
        let Ok(text) = std::str::from_utf8(input) else { return };
        let gvk = Gvk::new("example.com", "v1", "Car");
        let Ok(object) = Object::parse(&gvk, text) else { return };
        let kept = &*object.json;
        assert!(serde_json::from_str::<IgnoredAny>(kept).is_ok(), "the text is no JSON any more: {kept:.200}");
        let again = Object::parse(&gvk, kept).expect("what was taken in once is taken in again");
        assert_eq!(again, object, "taken in again it is another");
        deep(kept);
        let Ok(value) = serde_json::from_str::<Value>(kept) else { return };
        assert_eq!(Some(&*object.key.name), value["metadata"]["name"].as_str(), "its name is another");
        let fields = &value["metadata"]["managedFields"];
        assert!(fields.is_null(), "managedFields are still there: {fields:.200}");
        if let Ok(before) = serde_json::from_str::<Value>(text) {
            assert_eq!(value, expected(&gvk, before), "more than managedFields and the kind has changed");
        }
        let mut places = ODD.map(String::from).to_vec();
        collect(&value, "", &mut places);
        for place in &places {
            let found = pointer::get(kept, place).map(|text| serde_json::from_str::<Value>(text).expect("a value"));
            assert_eq!(found.as_ref(), value.pointer(place), "pointer {place:?}");
        }
        let _ = Metadata::of(kept);
    }
}

/// What is taken out, and what is put in.
fn expected(gvk: &Gvk, mut object: Value) -> Value {
    if let Some(metadata) = object["metadata"].as_object_mut()
        && metadata.get("managedFields").is_some_and(|fields| !fields.is_null())
    {
        metadata.remove("managedFields");
    }
    if let Some(object) = object.as_object_mut()
        && object.get("kind").is_none()
    {
        object.insert("kind".into(), gvk.kind.clone().into());
        object.entry("apiVersion").or_insert_with(|| gvk.api_version().into());
    }
    object
}

/// The pointers to the first places of a value.
fn collect(value: &Value, at: &str, places: &mut Vec<String>) {
    if places.len() > PLACES {
        return;
    }
    places.push(at.to_owned());
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            collect(value, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), places);
        }),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, value)| collect(value, &format!("{at}/{index}"), places));
        }
        _ => {}
    }
}

/// Follows what nests as deeply as it goes, for the time that it takes.
fn deep(text: &str) {
    let mut place = String::new();
    for member in ["data", "spec"] {
        for step in ["/0", "/a", "/"] {
            place.clear();
            let _ = write!(place, "/{member}");
            let most = text.matches(if step == "/0" { "[" } else { "{" }).count().min(DEEP);
            (0..most).for_each(|_| place.push_str(step));
            let _ = pointer::get(text, &place);
        }
    }
}
