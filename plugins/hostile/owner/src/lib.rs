//! Answers with owners that are gone and finalizers that nobody takes away: tries to have objects deleted with an owner
//! of its choice, or held for ever.

use sluice_sdk::serde_json::{Value, json};
use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Intents, Key, Physical, Side, Syncer, Target, Virtual};

struct Owner;

impl Syncer for Owner {
    type Object = Handle;
    const NAME: &'static str = "owner";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn translate(&self, _: &Context, virtual_object: &Virtual<Handle>) -> Result<Body, Failure> {
        let field = |name| Some(owned()[name].to_string());
        match &*virtual_object.target().key.name {
            "patch" => Body::patch(&json!({ "metadata": owned() })),
            "fields" => Ok(Body::fields(
                [("/metadata/ownerReferences", "ownerReferences"), ("/metadata/finalizers", "finalizers")]
                    .map(|(pointer, name)| (pointer, field(name))),
            )),
            _ => Body::whole(&json!({ "metadata": owned(), "data": { "a": "MQ==" } })),
        }
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, virtual_object: &Virtual<Handle>) -> Answer {
        let map = Target {
            side: Side::Virtual,
            gvk: Gvk::new("", "v1", "ConfigMap"),
            key: Key { namespace: Some("default".into()), name: "owned".into() },
        };
        let update = Intents::none().desire(Side::Physical, Body::patch(&json!({ "metadata": owned() }))?);
        Ok(match &*virtual_object.target().key.name {
            "source" => update.desire(Side::Virtual, Body::patch(&json!({ "metadata": owned() }))?),
            "apply" => update.apply(map, Body::whole(&json!({ "metadata": owned(), "data": { "a": "1" } }))?),
            _ => update,
        })
    }
}

fn owned() -> Value {
    let owner = json!({
        "apiVersion": "v1", "kind": "Secret", "name": "gone", "uid": "gone", "controller": true, "blockOwnerDeletion": true,
    });
    json!({
        "name": "owned", "ownerReferences": [owner], "finalizers": ["example.com/never", "foregroundDeletion"],
        "deletionTimestamp": "2020-01-01T00:00:00Z",
    })
}

sluice_sdk::plugin!(Owner);
