//! Schemas of plugins' configs, which are plugins' own.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use sluice_core::schema::Schema;

use super::Target;

pub(super) struct Schemas;

/// How long all that is told may be for each byte of the schema and config.
const WORDY: usize = 100;

/// An input.
#[derive(Deserialize)]
struct Case<'a> {
    #[serde(borrow)]
    schema: &'a RawValue,
    config: Value,
}

impl Target for Schemas {
    const NAME: &'static str = "schema";

    fn run(input: &[u8]) {
        let Ok(Case { schema, config }) = serde_json::from_slice::<Case<'_>>(input) else { return };
        let schema = match Schema::parse(schema.get()) {
            Ok(schema) => schema,
            Err(error) => return assert!(!error.to_string().is_empty(), "an error says nothing"),
        };
        let Ok(problems) = schema.check(&config) else { return };
        let told: usize = problems.iter().map(|problem| problem.to_string().len()).sum();
        assert!(told <= 4096 + WORDY * input.len(), "{told} bytes are told of {}", input.len());
        assert_eq!(schema.check(&config), Ok(problems), "checked again, it is another");
        if schema.json() == &Value::Bool(true) || schema.json() == &serde_json::json!({}) {
            assert_eq!(schema.check(&config), Ok(vec![]), "what takes all refuses something");
        }
    }
}
