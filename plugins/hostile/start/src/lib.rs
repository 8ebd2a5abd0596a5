//! Does while it starts what its config says: spins, traps, or asks for what it was not granted. Tries to keep the others
//! from starting.

use sluice_sdk::bindings::imports::sluice::plugin::config;
use sluice_sdk::bindings::imports::sluice::plugin::intents::{Intent, Placed};
use sluice_sdk::bindings::lifecycle::exports::sluice::plugin::lifecycle::Guest;
use sluice_sdk::{Body, Failure, Gvk, Key, Side, Target};

struct Start;

impl Guest for Start {
    fn config_schema() -> String {
        misbehave("schema");
        r#"{"type":"object","properties":{"way":{"type":"string"}}}"#.into()
    }

    fn register() -> Result<String, String> {
        misbehave("register");
        let all = r#"{"side":"physical","kind":"Secret","verbs":["read","create","update","delete"]}"#;
        let asks = if config::get().contains("ask") { all } else { "" };
        Ok(format!(r#"{{"name":"start","asks":[{asks}]}}"#))
    }

    fn init(_: u64) -> Result<Vec<Intent>, Failure> {
        misbehave("init");
        let map = |side, namespace: &str| Target {
            side,
            gvk: Gvk::new("", "v1", "ConfigMap"),
            key: Key { namespace: Some(namespace.into()), name: "start".into() },
        };
        let apply = |target| {
            let body = Body::Whole(r#"{"metadata":{"name":"start"},"data":{"a":"b"}}"#.into());
            Intent::Apply(Placed { target, body })
        };
        let system = map(Side::Physical, "kube-system");
        let bad = match config::get() {
            way if way.contains("apply") => Some(apply(system)),
            way if way.contains("delete") => Some(Intent::Delete(system)),
            way if way.contains("remove") => Some(Intent::Remove(Side::Virtual)),
            way if way.contains("again") => Some(Intent::Requeue(0)),
            _ => None,
        };
        Ok([apply(map(Side::Virtual, "default"))].into_iter().chain(bad).collect())
    }
}

fn misbehave(function: &str) {
    let way = config::get();
    assert!(!way.contains(&format!("trap-{function}")), "this plugin panics in {function}");
    while way.contains(&format!("spin-{function}")) {
        std::hint::spin_loop();
    }
}

// Natively nothing is exported; this keeps it from being dead code there.
const _: fn() -> String = <Start as Guest>::config_schema;

#[cfg(target_family = "wasm")]
sluice_sdk::bindings::lifecycle::export_lifecycle!(Start with_types_in sluice_sdk::bindings::lifecycle);
