//! Says of a ConfigMap, by its name, that it concerns Secrets that cannot be: tries to have them made somewhere else.

use sluice_sdk::serde_json::json;
use sluice_sdk::{
    Body, Concern, Context, Failure, Gvk, Handle, Key, Plugin, Select, Side, Syncers, VirtualSyncer, Watch,
};

struct Watching;

impl VirtualSyncer for Watching {
    type Object = Handle;
    const NAME: &'static str = "watch";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn watches(&self) -> Vec<Watch> {
        let maps = Watch::of_kind(Side::Virtual, "maps", Gvk::new("", "v1", "ConfigMap"), affected);
        vec![maps.select(Select::all().namespaces(["default"])).selects()]
    }

    fn create(&self, _: &Context, wanted: &Key) -> Result<Body, Failure> {
        Body::whole(&json!({ "metadata": { "name": if wanted.name.is_empty() { "a" } else { &wanted.name } } }))
    }
}

fn affected(map: &Handle) -> Concern {
    let name = map.target().key.name;
    let key = |namespace: &str, name: &str| Key { namespace: Some(namespace.to_owned()), name: name.to_owned() };
    match &*name {
        "spin" => loop {
            std::hint::spin_loop();
        },
        "trap" | "trap-again" => panic!("this watch panics"),
        "many" => Concern::pairs((0..100_000).map(|at| key("default", &at.to_string()))),
        "limit" => Concern::pairs((0..10_000).map(|at| key("default", &at.to_string()))),
        "over" => Concern::pairs((0..10_001).map(|at| key("default", &at.to_string()))),
        "slash" => Concern::pairs([key("default", "../../kube-system/secrets/stolen")]),
        "query" => Concern::pairs([key("kube-system/secrets?", "stolen")]),
        "up" => Concern::pairs([key("default", "..")]),
        "empty" => Concern::pairs([key("default", ""), key("", "a")]),
        "long" => Concern::pairs([key("default", &"a".repeat(300))]),
        "nowhere" => Concern::pairs([Key { namespace: None, name: "nowhere".into() }]),
        "system" => Concern::pairs([key("kube-system", "made")]),
        "good" => Concern::pairs([key("default", "good")]),
        "all" => Concern::All,
        _ => Concern::none(),
    }
}

impl Plugin for Watching {
    type Config = ();

    fn new((): ()) -> Result<Self, String> {
        Ok(Self)
    }

    fn syncers(self) -> Syncers {
        Syncers::new().alone(self)
    }
}

sluice_sdk::plugin!(impl Watching: virtual_syncer watch);
