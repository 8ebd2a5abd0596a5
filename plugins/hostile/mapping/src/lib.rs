//! Says of a Secret, by its name, that it goes nowhere that could be: tries to have what it names become a path of its own.

use sluice_sdk::serde_json::json;
use sluice_sdk::{
    Answer, Body, Context, Failure, Gvk, Handle, Key, Names, Physical, Plugin, Syncers, UpSyncer, Virtual,
};

struct Mapping;

impl UpSyncer for Mapping {
    type Object = Handle;
    const NAME: &'static str = "mapping";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn names(&self) -> Names {
        Names::Own
    }

    fn to_virtual(&self, physical: &Physical<Handle>) -> Result<Vec<Key>, Failure> {
        let name = physical.target().key.name;
        let key = |namespace: &str, name: &str| Key { namespace: Some(namespace.to_owned()), name: name.to_owned() };
        Ok(match &*name {
            "spin" => loop {
                std::hint::spin_loop();
            },
            "trap" | "trap-again" => panic!("this mapping panics"),
            "many" => (0..100_000).map(|at| key("default", &at.to_string())).collect(),
            "limit" => (0..10_000).map(|at| key("default", &at.to_string())).collect(),
            "over" => (0..10_001).map(|at| key("default", &at.to_string())).collect(),
            "slash" => vec![key("default", "../../kube-system/secrets/stolen")],
            "query" => vec![key("kube-system/secrets?", "stolen")],
            "up" => vec![key("default", "..")],
            "empty" => vec![key("default", ""), key("", "a")],
            "long" => vec![key("default", &"a".repeat(300))],
            "nowhere" => vec![Key { namespace: None, name: "nowhere".into() }],
            "system" => vec![key("kube-system", "brought")],
            _ => vec![key("default", &name)],
        })
    }

    fn translate(&self, _: &Context, _: &Physical<Handle>) -> Result<Body, Failure> {
        Body::patch(&json!({}))
    }

    fn sync(&self, ctx: &Context, physical: &Physical<Handle>, virtual_object: &Virtual<Handle>) -> Answer {
        ctx.carry_up(physical, virtual_object, ["/data"])
    }
}

impl Plugin for Mapping {
    type Config = ();

    fn new((): ()) -> Result<Self, String> {
        Ok(Self)
    }

    fn syncers(self) -> Syncers {
        Syncers::new().up(self)
    }
}

sluice_sdk::plugin!(impl Mapping: syncer mapping);
