//! What is told of a config that does not fit, and that no schema keeps the checker busy.

use serde_json::json;

use super::*;

fn told(schema: &Value, config: &Value) -> Vec<String> {
    let problems = Schema::parse(&schema.to_string()).unwrap().check(config).unwrap();
    problems.iter().map(ToString::to_string).collect()
}

/// As schemars writes it.
fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Config", "type": "object",
        "properties": {
            "string": { "type": "string" },
            "int": { "type": "integer", "format": "uint32", "minimum": 0 },
            "map": { "type": "object", "additionalProperties": { "type": "string" } },
            "array": { "type": "array", "items": { "$ref": "#/$defs/Rule" } },
            "maybe": { "type": ["string", "null"] },
            "rule": { "anyOf": [{ "$ref": "#/$defs/Rule" }, { "type": "null" }] },
            "names": { "oneOf": [
                { "type": "string", "const": "same" },
                { "type": "object", "properties": { "map": { "type": "object" } }, "required": ["map"], "additionalProperties": false },
            ] },
        },
        "required": ["string"], "additionalProperties": false,
        "$defs": { "Rule": { "type": "object", "properties": { "kind": { "enum": ["Keep", "Drop"] } },
            "required": ["kind"], "additionalProperties": false } },
    })
}

#[test]
fn what_fits_is_passed() {
    let config = json!({ "string": "string", "int": 123, "map": { "entry": "entry" }, "array": [{ "kind": "Keep" }],
        "maybe": null, "rule": null, "names": "same" });
    assert_eq!(told(&schema(), &config), Vec::<String>::new());
    assert_eq!(told(&json!(true), &config), Vec::<String>::new());
}

#[test]
fn what_does_not_fit_is_told_with_its_place() {
    for (config, problems) in [
        (json!({}), vec!["config: \"string\" is missing"]),
        (json!([]), vec!["config: expected object, and it is array"]),
        (json!({ "string": 1 }), vec!["config.string: expected string, and it is number"]),
        (json!({ "string": "", "int": -1 }), vec!["config.int: at least 0 is expected"]),
        (json!({ "string": "", "int": 1.5 }), vec!["config.int: expected integer, and it is number"]),
        (
            json!({ "string": "", "strng": "" }),
            vec!["config.strng: there is no such key; it knows array, int, map, maybe, names, rule, string"],
        ),
        (json!({ "string": "", "map": { "a": 1 } }), vec!["config.map.a: expected string, and it is number"]),
        (
            json!({ "string": "", "array": [{ "kind": "Keep" }, { "kind": "Other", "x": 1 }] }),
            vec![
                "config.array.1.kind: expected one of \"Keep\", \"Drop\"",
                "config.array.1.x: there is no such key; it knows kind",
            ],
        ),
        (json!({ "string": "", "maybe": 1 }), vec!["config.maybe: expected string or null, and it is number"]),
        (json!({ "string": "", "rule": { "kind": 1 } }), vec!["config.rule.kind: expected one of \"Keep\", \"Drop\""]),
        (json!({ "string": "", "names": "other" }), vec!["config.names: expected \"same\", or object with map"]),
        (json!({ "string": "", "names": { "map": 1 } }), vec!["config.names.map: expected object, and it is number"]),
    ] {
        assert_eq!(told(&schema(), &config), problems, "{config}");
    }
}

#[test]
fn what_is_not_understood_is_refused() {
    for (schema, said) in [
        (r#"{"pattern":"^(a+)+$"}"#, "\"pattern\", which is not checked"),
        (r#"{"properties":{"a":{"not":{}}}}"#, "\"not\", which is not checked"),
        (r#"{"$defs":{"a":{"unevaluatedItems":false}}}"#, "\"unevaluatedItems\""),
        (r#"{"$ref":"http://example.com/schema"}"#, "leads nowhere"),
        (r#"{"$ref":"file:///etc/passwd"}"#, "leads nowhere"),
        (r##"{"$ref":"#/$defs/none"}"##, "leads nowhere"),
        (r#"{"type":1}"#, "\"type\""),
        ("1", "no JSON schema"),
        ("{", "no JSON schema"),
    ] {
        let error = Schema::parse(schema).unwrap_err().to_string();
        assert!(error.contains(said), "{schema}: {error}");
    }
    let deep = format!("{}true{}", r#"{"items":"#.repeat(200), "}".repeat(200));
    assert!(Schema::parse(&deep).is_err());
}

#[test]
fn no_schema_keeps_the_checker_busy() {
    let doubling: Map<String, Value> = (0..30)
        .map(|at| {
            let next = json!({ "$ref": format!("#/$defs/d{}", at + 1) });
            (format!("d{at}"), json!({ "allOf": [next, next] }))
        })
        .chain([("d30".to_owned(), json!(true))])
        .collect();
    for schema in [
        json!({ "$ref": "#" }),
        json!({ "allOf": [{ "$ref": "#" }, { "$ref": "#" }] }),
        json!({ "anyOf": [{ "$ref": "#/$defs/a" }], "$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "$ref": "#/$defs/a" } } }),
        json!({ "$ref": "#/$defs/d0", "$defs": doubling }),
    ] {
        let schema = Schema::parse(&schema.to_string()).unwrap();
        assert_eq!(schema.check(&json!({})), Err(SchemaError::Steps), "{schema:?}");
    }
    // One that says something of itself at every level is none of these.
    let tree = json!({ "type": "object", "properties": { "children": { "type": "array", "items": { "$ref": "#" } } } });
    let mut config = json!({});
    for _ in 0..50 {
        config = json!({ "children": [config] });
    }
    assert_eq!(told(&tree, &config), Vec::<String>::new());
}

#[test]
fn what_a_short_schema_goes_through_again_and_again_is_counted() {
    let names: serde_json::Map<_, _> = (0..3_000).map(|at| (format!("name-{at}"), json!(true))).collect();
    let list: Vec<_> = (0..3_000).collect();
    for laid in [json!({ "additionalProperties": false, "properties": names }), json!({ "enum": list })] {
        let again = vec![json!({ "$ref": "#/$defs/x" }); 3_000];
        let schema = json!({ "allOf": again, "$defs": { "x": laid } }).to_string();
        let schema = Schema::parse(&schema).expect("a schema");
        assert_eq!(schema.check(&json!({ "a": 1 })), Err(SchemaError::Steps));
    }
}
