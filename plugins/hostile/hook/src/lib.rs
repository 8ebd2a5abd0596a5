//! A hook that does with a Secret of others whatever its annotation tells it to: never comes back, panics, makes another
//! object of it. Tries to have it written all the same, or as something else.

use sluice_sdk::serde_json::json;
use sluice_sdk::{Dynamic, Gvk, Hook, Occasion, Operation, Side};

struct Review;

impl Hook for Review {
    type Object = Dynamic;
    const NAME: &'static str = "review";
    const SIDE: Side = Side::Physical;
    const OPERATIONS: &'static [Operation] = &[Operation::Create, Operation::Update, Operation::Delete];

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn review(&self, _: &Occasion, mut secret: Dynamic) -> Result<Dynamic, String> {
        let way = secret["metadata"]["annotations"]["way"].as_str().unwrap_or_default().to_owned();
        match &*way {
            "spin" => loop {
                std::hint::spin_loop();
            },
            "panic" => panic!("this hook panics"),
            "deny" => return Err("not on a Sunday".into()),
            "name" => secret["metadata"]["name"] = json!("other"),
            "namespace" => secret["metadata"]["namespace"] = json!("kube-system"),
            "kind" => secret["kind"] = json!("ConfigMap"),
            "markers" => secret["metadata"]["annotations"]["vcluster.loft.sh/object-uid"] = json!("forged"),
            "owner" => {
                secret["metadata"]["ownerReferences"] =
                    json!([{ "apiVersion": "v1", "kind": "Namespace", "name": "default", "uid": "x" }])
            }
            "finalizer" => secret["metadata"]["finalizers"] = json!(["example.com/never"]),
            "type" => secret["data"] = json!(7),
            _ => {}
        }
        Ok(secret)
    }
}

sluice_sdk::plugin!(hooks Review);
