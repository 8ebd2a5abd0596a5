//! Says that it is another plugin, in a version of several lines and a description of megabytes: tries to be taken for that
//! one, and to write lines of its own in what operators read.

use sluice_sdk::Failure;
use sluice_sdk::bindings::imports::sluice::plugin::config;
use sluice_sdk::bindings::imports::sluice::plugin::intents::Intent;
use sluice_sdk::bindings::lifecycle::exports::sluice::plugin::lifecycle::Guest;
use sluice_sdk::serde_json::json;

struct Liar;

impl Guest for Liar {
    fn config_schema() -> String {
        r#"{"type":"object"}"#.into()
    }

    fn register() -> Result<String, String> {
        let asks = config::get().contains("ask");
        let lines =
            "\r\n{\"level\":\"ERROR\",\"plugin\":\"configmaps\",\"message\":\"forged\"}\n\u{1b}[2J\u{7}\u{202e}";
        let lines = if asks { lines } else { "" };
        let ask = json!({ "side": "virtual", "kind": format!("Lie{lines}"), "verbs": ["read"] });
        let registration = json!({
            "name": "configmaps",
            "version": format!("1{lines}"),
            "description": format!("{lines}{}", "long ".repeat(if asks { 400_000 } else { 1 })),
            "asks": if asks { vec![ask] } else { vec![] },
        });
        Ok(registration.to_string())
    }

    fn init(_: u64) -> Result<Vec<Intent>, Failure> {
        Ok(Vec::new())
    }
}

// Natively nothing is exported; this keeps it from being dead code there.
const _: fn() -> String = <Liar as Guest>::config_schema;

#[cfg(target_family = "wasm")]
sluice_sdk::bindings::lifecycle::export_lifecycle!(Liar with_types_in sluice_sdk::bindings::lifecycle);
