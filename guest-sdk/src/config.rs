use std::any::TypeId;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::bindings::imports::sluice::plugin::config;

/// The schema of `()`.
const NOTHING: &str =
    r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false}"#;

/// What the operator can say to a plugin: `()` for nothing, or any type that has a schema and can be read.
///
/// The runtime checks what the operator wrote against the schema, so that a mistake is told before the plugin starts;
/// doc comments become the descriptions there. `deny_unknown_fields` is what makes a misspelt field a mistake, and
/// `default` what makes fields optional. A plugin without a config is given `{}`.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use sluice_sdk::Select;
/// use sluice_sdk::schemars::JsonSchema;
/// use sluice_sdk::serde::Deserialize;
///
/// #[derive(Default, Deserialize, JsonSchema)]
/// #[serde(crate = "sluice_sdk::serde", default, deny_unknown_fields)]
/// #[schemars(crate = "sluice_sdk::schemars")]
/// struct Config {
///     /// Which Ingresses are copied.
///     select: Select,
///     /// From virtual to physical ingress classes.
///     classes: BTreeMap<String, String>,
/// }
/// ```
pub trait Config: Sized {
    /// Its JSON schema, draft 2020-12.
    #[doc(hidden)]
    fn schema() -> String;

    /// From JSON.
    #[doc(hidden)]
    fn parse(json: &str) -> Result<Self, String>;

    /// What the operator wrote.
    #[doc(hidden)]
    fn read() -> Result<Self, String>;
}

impl<T: DeserializeOwned + JsonSchema + 'static> Config for T {
    fn schema() -> String {
        if is_nothing::<T>() { NOTHING.to_owned() } else { schemars::schema_for!(T).as_value().to_string() }
    }

    fn parse(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|error| format!("its config does not fit: {error}"))
    }

    fn read() -> Result<Self, String> {
        // To serde `()` is null. What is not asked for is not imported either.
        if is_nothing::<T>() { Self::parse("null") } else { Self::parse(&config::get()) }
    }
}

fn is_nothing<T: 'static>() -> bool {
    TypeId::of::<T>() == TypeId::of::<()>()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::Select;

    #[test]
    fn no_config_is_an_object_without_fields() {
        let schema: Value = serde_json::from_str(&<()>::schema()).expect("JSON");
        assert_eq!(schema["type"], "object");
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(<()>::read(), Ok(()));
    }

    #[test]
    fn a_schema_describes_the_fields_and_allows_no_others() {
        let schema: Value = serde_json::from_str(&Select::schema()).expect("JSON");
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["properties"]["namespaces"]["items"], json!({ "type": "string" }));
        assert_eq!(schema.get("required"), None);
    }

    #[test]
    fn what_does_not_fit_is_told() {
        assert_eq!(Select::parse("{}"), Ok(Select::all()));
        let error = Select::parse(r#"{ "label": "a" }"#).expect_err("no such field");
        assert!(error.contains("unknown field `label`"), "{error}");
    }
}
