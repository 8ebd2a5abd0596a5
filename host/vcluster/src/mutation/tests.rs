use serde_json::json;

use super::*;

fn request(r#type: &str, object: &str) -> mutate::Request {
    let (api_version, kind) = ("v1".into(), "Pod".into());
    mutate::Request { api_version, kind, object: object.into(), r#type: r#type.into() }
}

fn answer(before: &Value, after: Value) -> String {
    Mutation::parse(&request("GetVirtual", &before.to_string())).unwrap().answer(after).object
}

#[test]
fn requests_say_what_is_done_where() {
    for (text, side, operation) in [
        ("CreatePhysical", Side::Physical, Operation::Create),
        ("UpdateVirtual", Side::Virtual, Operation::Update),
        ("ApplyVirtual", Side::Virtual, Operation::Update),
        ("DeletePhysical", Side::Physical, Operation::Delete),
        ("GetVirtual", Side::Virtual, Operation::Get),
    ] {
        let read = Mutation::parse(&request(text, r#"{"metadata":{"name":"a","namespace":"ns"}}"#)).unwrap();
        assert_eq!((read.side, read.operation), (side, operation));
        assert_eq!((read.object["apiVersion"].as_str(), read.object["kind"].as_str()), (Some("v1"), Some("Pod")));
        assert!(read.to_string().ends_with(" v1 Pod ns/a"), "{read}");
    }
}

#[test]
fn strange_requests_are_refused_and_not_repeated() {
    for (text, object, said) in [
        ("PatchPhysical", "{}", "\"PatchPhysical\" is no type of hook"),
        ("Create", "{}", "\"Create\" is no type of hook"),
        ("GetVirtual", "[]", "GetVirtual v1 Pod: the object is no JSON object"),
        ("GetVirtual", "{\"hunter2\"}", "GetVirtual v1 Pod: the object is no JSON, at line 1 column"),
    ] {
        let error = Mutation::parse(&request(text, object)).unwrap_err();
        assert!(error.starts_with(said) && !error.contains("hunter2"), "{error}");
    }
}

#[test]
fn what_is_unchanged_is_not_sent_back() {
    let go = r#"{"metadata":{"name":"a","creationTimestamp":null},"status":{}}"#;
    let read = Mutation::parse(&request("GetVirtual", go)).unwrap();
    assert_eq!(read.object, json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "a" } }));
    assert_eq!(read.answer(read.object.clone()), mutate::Response::default());
}

#[test]
fn what_is_only_added_is_written_once() {
    let before = json!({ "metadata": { "labels": { "a": "1" } } });
    let after = json!({ "metadata": { "labels": { "a": "2", "b": "3" } } });
    assert_eq!(answer(&before, after.clone()), after.to_string());
}

/// That Go makes of them what is meant is shown with vCluster's own decoder, end to end.
#[test]
fn what_loses_something_is_emptied_first() {
    for (before, after, written) in [
        // A map, or a struct that lost a text.
        (
            json!({ "l": { "a": "x", "b": "y" } }),
            json!({ "l": { "a": "x" } }),
            r#"{"l":{"b":"","b":null},"l":null,"l":{"a":"x"}}"#,
        ),
        // A list whose elements lost something.
        (json!({ "l": [{ "a": 1 }] }), json!({ "l": [{}] }), r#"{"l":null,"l":[{}]}"#),
        // What cannot be a text.
        (json!({ "o": { "at": "2026-01-01T00:00:00Z" } }), json!({ "o": {} }), r#"{"o":{"at":null},"o":null,"o":{}}"#),
        // Deeper, each part by itself.
        (
            json!({ "o": { "p": { "n": 1, "o": true }, "s": "" } }),
            json!({ "o": { "p": { "n": 1 }, "s": "" } }),
            r#"{"o":null,"o":{"p":{"o":false,"o":null},"p":null,"p":{"n":1},"s":""}}"#,
        ),
        // Whole parts.
        (json!({ "o": { "p": ["x"] }, "n": 1 }), json!({ "n": 1 }), r#"{"o":{"p":null},"o":null,"n":1}"#),
    ] {
        assert_eq!(answer::over(&before, &after), written);
        assert_eq!(serde_json::from_str::<Value>(written).unwrap().get("n"), after.get("n"), "the last key counts");
    }
}
