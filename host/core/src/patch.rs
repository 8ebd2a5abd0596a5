//! RFC 7386 merge patches: applying one, and finding the least one.

use serde_json::{Map, Value};

use crate::pointer::DEPTH;

/// Applies an RFC 7386 merge patch.
pub fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(&key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}

/// The least merge patch that makes `desired` of `current`; none if there is nothing to do.
/// Null and absent are the same to Kubernetes, and so to this.
pub fn diff(current: &Value, desired: &Value) -> Option<Value> {
    let (Value::Object(from), Value::Object(to)) = (current, desired) else {
        return (current != desired).then(|| desired.clone());
    };
    let mut patch = Map::new();
    for (key, value) in to.iter().filter(|(_, value)| !value.is_null()) {
        match from.get(key).filter(|old| !old.is_null()) {
            Some(old) => patch.extend(diff(old, value).map(|change| (key.clone(), change))),
            None => patch.extend([(key.clone(), value.clone())]),
        }
    }
    for (key, _) in from.iter().filter(|(key, old)| !old.is_null() && to.get(*key).is_none_or(Value::is_null)) {
        patch.insert(key.clone(), Value::Null);
    }
    (!patch.is_empty()).then_some(Value::Object(patch))
}

/// Whether everything that `desired` says is so in `actual`, which may say more (defaults, what a webhook added).
pub fn covers(actual: &Value, desired: &Value) -> bool {
    match (actual, desired) {
        (Value::Object(actual), Value::Object(desired)) => desired.iter().all(|(key, value)| match actual.get(key) {
            Some(found) => covers(found, value),
            None => value.is_null() || value.as_object().is_some_and(Map::is_empty),
        }),
        (Value::Array(actual), Value::Array(desired)) => {
            actual.len() == desired.len() && actual.iter().zip(desired).all(|(found, value)| covers(found, value))
        }
        _ => actual == desired,
    }
}

/// Sets the value at a JSON pointer, or takes it away. Objects on the way are made; list elements must be there.
/// Returns whether there is such a place; there is none more than 128 levels down.
pub fn set(target: &mut Value, pointer: &str, value: Option<Value>) -> bool {
    // What is made here is walked and dropped level by level: no stack is to end before it.
    if pointer.matches('/').count() > DEPTH {
        return false;
    }
    let Some((parent, name)) = pointer.rsplit_once('/').filter(|_| pointer.starts_with('/')) else {
        return false;
    };
    let unescape = |token: &str| token.replace("~1", "/").replace("~0", "~");
    let mut place = target;
    for token in parent.split('/').skip(1).map(unescape) {
        place = match place {
            Value::Object(map) => map.entry(token).or_insert_with(|| Value::Object(Map::new())),
            Value::Array(list) => match token.parse().ok().and_then(|index: usize| list.get_mut(index)) {
                Some(element) => element,
                None => return false,
            },
            _ => return false,
        };
    }
    let name = unescape(name);
    match (place, value) {
        (Value::Object(map), Some(value)) => {
            map.insert(name, value);
        }
        (Value::Object(map), None) => {
            map.remove(&name);
        }
        (Value::Array(list), value) => match (name.parse().ok().filter(|&index: &usize| index < list.len()), value) {
            (Some(index), Some(value)) => list[index] = value,
            (Some(index), None) => drop(list.remove(index)),
            (None, _) => return false,
        },
        _ => return false,
    }
    true
}

/// Takes out what Kubernetes drops by itself: what is null, and members of an object and of its metadata that are empty.
pub fn tidy(object: &mut Value) {
    drop_nulls(object);
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::Object(map) => map.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    };
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|_, value| !empty(value));
    }
    if let Value::Object(map) = object {
        map.retain(|_, value| !empty(value));
    }
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pointer_is_no_way_to_nest_without_end() {
        let mut value = Value::Null;
        assert!(!set(&mut value, &"/a".repeat(100_000), Some(Value::Null)));
        let mut value = serde_json::json!({});
        assert!(!set(&mut value, &"/a".repeat(DEPTH + 1), Some(1.into())) && value == serde_json::json!({}));
        assert!(set(&mut value, &"/a".repeat(DEPTH), Some(1.into())));
    }

    /// JSON without nulls in objects, as Kubernetes stores it.
    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            (0..3i64).prop_map(Value::from),
            "[ab]{0,2}".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[abc]", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn object() -> impl Strategy<Value = Value> {
        prop::collection::btree_map("[abc]", value(), 0..4).prop_map(|map| Value::Object(map.into_iter().collect()))
    }

    proptest! {
        #[test]
        fn the_diff_leads_to_the_desired(current in object(), desired in object()) {
            let mut patched = current.clone();
            match diff(&current, &desired) {
                Some(patch) => merge(&mut patched, patch),
                None => prop_assert_eq!(&current, &desired),
            }
            prop_assert_eq!(&patched, &desired);
            prop_assert_eq!(diff(&patched, &desired), None);
            prop_assert!(covers(&patched, &desired));
        }

        #[test]
        fn what_is_equal_is_left_alone(current in object(), desired in object()) {
            if let Some(patch) = diff(&current, &desired) {
                for key in patch.as_object().unwrap().keys() {
                    prop_assert_ne!(current.get(key), desired.get(key));
                }
            }
        }
    }

    #[test]
    fn fields_are_set_and_taken_away() {
        let mut object = json!({"data": {"a": "1", "b": "2"}, "list": [1, 2]});
        assert!(set(&mut object, "/data", Some(json!({"c": "3"}))));
        assert!(set(&mut object, "/metadata/labels/a~1b", Some(json!("x"))));
        assert!(set(&mut object, "/list/0", None));
        assert!(set(&mut object, "/missing", None));
        assert_eq!(object, json!({"data": {"c": "3"}, "list": [2], "metadata": {"labels": {"a/b": "x"}}}));
        for nowhere in ["", "data", "/list/7", "/list/x/y", "/data/c/d"] {
            assert!(!set(&mut object, nowhere, Some(json!(1))), "{nowhere}");
        }
    }

    #[test]
    fn what_says_nothing_but_null_is_nothing_to_write() {
        let mut object =
            json!({ "data": { "a": null }, "spec": [{ "b": null, "c": {} }], "metadata": { "labels": {} } });
        tidy(&mut object);
        assert_eq!(object, json!({ "spec": [{ "c": {} }] }));
    }

    #[test]
    fn null_is_absent() {
        assert_eq!(diff(&json!({"a": null}), &json!({})), None);
        assert_eq!(diff(&json!({}), &json!({"a": null})), None);
        assert_eq!(diff(&json!({"a": 1}), &json!({"a": null})), Some(json!({"a": null})));
    }
}
