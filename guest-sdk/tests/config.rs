//! What the operator writes arrives as it is written.

use std::collections::BTreeMap;

use sluice_sdk::Config;
use sluice_sdk::schemars::JsonSchema;
use sluice_sdk::serde::Deserialize;
use sluice_sdk::serde_json::{Value, from_str, json};

/// One of each.
#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(crate = "sluice_sdk::serde", deny_unknown_fields)]
#[schemars(crate = "sluice_sdk::schemars")]
struct Each {
    string: String,
    int: i64,
    map: BTreeMap<String, String>,
    array: Vec<String>,
}

#[test]
fn a_config_of_each_kind_arrives_exactly() {
    let written = json!({ "string": "string", "int": 123, "map": { "entry": "entry" }, "array": ["entry"] });
    let expected = Each {
        string: "string".into(),
        int: 123,
        map: [("entry".to_owned(), "entry".to_owned())].into(),
        array: vec!["entry".into()],
    };
    assert_eq!(Each::parse(&written.to_string()), Ok(expected));
    // Or any of it, for a plugin that says nothing of what it takes.
    assert_eq!(Value::parse(&written.to_string()), Ok(written));
}

#[test]
fn the_schema_wants_what_has_no_default() {
    let schema: Value = from_str(&Each::schema()).expect("JSON");
    assert_eq!(schema["required"], json!(["string", "int", "map", "array"]));
}
