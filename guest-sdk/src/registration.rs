//! The contract's `lifecycle`.

use serde_json::json;

use crate::bindings::imports::sluice::plugin::intents::Intent;
use crate::bindings::lifecycle::exports::sluice::plugin::lifecycle;
use crate::plugin::Plugin;
use crate::{Failure, Gvk};

impl<P: Plugin> lifecycle::Guest for P {
    fn register() -> Result<String, String> {
        let syncers = P::syncers();
        for (index, syncer) in syncers.iter().enumerate() {
            if syncers[..index].iter().any(|other| other.name() == syncer.name()) {
                return Err(format!("two syncers are named {:?}", syncer.name()));
            }
        }
        let registration = json!({
            "name": P::NAME,
            "version": P::VERSION,
            "description": P::DESCRIPTION,
            "syncers": syncers.iter().map(|syncer| {
                let Gvk { group, version, kind } = syncer.kind();
                json!({ "name": syncer.name(), "kind": { "group": group, "version": version, "kind": kind } })
            }).collect::<Vec<_>>(),
        });
        Ok(registration.to_string())
    }

    fn init(_now: u64) -> Result<Vec<Intent>, Failure> {
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::fixtures::{Both, Widgets};
    use crate::plugin::AnySyncer;

    fn registration() -> Value {
        let json = <Both as lifecycle::Guest>::register().expect("a registration");
        serde_json::from_str(&json).expect("JSON")
    }

    #[test]
    fn syncers_are_registered_with_their_kinds_in_order() {
        let expected = json!({
            "name": "both",
            "version": "1.2.3",
            "description": "A type and none",
            "syncers": [
                { "name": "deployments", "kind": { "group": "apps", "version": "v1", "kind": "Deployment" } },
                { "name": "widgets", "kind": { "group": "example.com", "version": "v1beta1", "kind": "Widget" } },
            ],
        });
        assert_eq!(registration(), expected);
    }

    #[test]
    fn the_registration_has_exactly_the_fields_of_its_schema() {
        let schema: Value = serde_json::from_str(include_str!("../../wit/registration.schema.json")).expect("JSON");
        let registration = registration();
        let syncer = &registration["syncers"][0];
        let described = [
            (&registration, &schema),
            (syncer, &schema["$defs"]["syncer"]),
            (&syncer["kind"], &schema["$defs"]["kind"]),
        ];
        for (value, schema) in described {
            let fields = value.as_object().expect("an object").keys();
            assert!(
                fields.eq(schema["properties"].as_object().expect("an object").keys()),
                "{value} is not as {schema}"
            );
        }
    }

    #[test]
    fn two_syncers_of_one_name_are_refused() {
        struct Twice;

        impl Plugin for Twice {
            const NAME: &'static str = "twice";
            const VERSION: &'static str = "1.2.3";
            const DESCRIPTION: &'static str = "";

            fn syncers() -> Vec<Box<dyn AnySyncer>> {
                vec![Box::new(Widgets), Box::new(Widgets)]
            }
        }

        let refused = <Twice as lifecycle::Guest>::register();
        assert_eq!(refused, Err(r#"two syncers are named "widgets""#.to_owned()));
    }
}
