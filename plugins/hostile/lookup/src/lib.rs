//! Looks up, by the name of a Secret, what another syncer watches, or its own without end: tries to see what it was not
//! given, and to keep the runtime busy.

use sluice_sdk::schemars::JsonSchema;
use sluice_sdk::serde::Deserialize;
use sluice_sdk::serde_json::json;
use sluice_sdk::{
    Answer, Body, Concern, Context, Failure, Gvk, Handle, Intents, Key, Physical, Plugin, Side, Syncer, Syncers,
    Virtual, Watch, watched,
};

/// When it looks something up before it is called.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(crate = "sluice_sdk::serde", default, deny_unknown_fields)]
#[schemars(crate = "sluice_sdk::schemars")]
struct Config {
    early: bool,
}

struct Lookup {
    kind: &'static str,
    watch: &'static str,
}

impl Syncer for Lookup {
    type Object = Handle;
    const NAME: &'static str = "lookup";

    fn name(&self) -> String {
        self.kind.to_lowercase()
    }

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", self.kind)
    }

    fn watches(&self) -> Vec<Watch> {
        let kind = Gvk::new("", "v1", if self.watch == "mine" { "ConfigMap" } else { "Secret" });
        vec![Watch::of_kind(Side::Virtual, self.watch, kind, |_: &Handle| Concern::none())]
    }

    fn translate(&self, _: &Context, virtual_object: &Virtual<Handle>) -> Result<Body, Failure> {
        let mine = watched::<Handle>("mine");
        let pair = Key { namespace: Some("default".into()), name: "none".into() };
        match &*virtual_object.target().key.name {
            "theirs" => drop(watched::<Handle>("theirs").list(1)?),
            "theirs-get" => drop(watched::<Handle>("theirs").get(&pair)?),
            "theirs-concerning" => drop(watched::<Handle>("theirs").concerning(&pair, 1)?),
            "nobodys" => drop(watched::<Handle>(&"nobody".repeat(1000)).list(1)?),
            "forever" => loop {
                drop(mine.list(1000)?);
            },
            "forever-none" => loop {
                drop(mine.concerning(&pair, u32::MAX)?);
            },
            "forever-nowhere" => loop {
                drop(mine.list_in("nowhere", u32::MAX)?);
            },
            "keep" => {
                let mut kept = vec![];
                loop {
                    kept.push(mine.list(1)?);
                }
            }
            "all" => drop(mine.list(u32::MAX)?),
            "some" => return Err(Failure::permanent(format!("{} objects", mine.list(4_000)?.len()))),
            _ => {}
        }
        Body::patch(&json!({}))
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        Ok(Intents::none())
    }
}

struct Both;

impl Plugin for Both {
    type Config = Config;

    fn new(config: Config) -> Result<Self, String> {
        if config.early {
            let _ = watched::<Handle>("mine").list(1);
        }
        Ok(Self)
    }

    fn syncers(self) -> Syncers {
        let (secrets, accounts) =
            (Lookup { kind: "Secret", watch: "mine" }, Lookup { kind: "ServiceAccount", watch: "theirs" });
        Syncers::new().down(secrets).down(accounts)
    }
}

sluice_sdk::plugin!(impl Both: syncer watch);
