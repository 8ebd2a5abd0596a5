//! Asks, by the name of a Secret and beside a good copy of it, for others to be deleted: one in a namespace that was not
//! granted, one that no watch of it shows, one below. Tries to take away what is not its own.

use sluice_sdk::serde_json::json;
use sluice_sdk::{
    Answer, Ask, Body, Concern, Context, Failure, Gvk, Handle, Key, Physical, Plugin, Select, Side, Syncer, Syncers,
    Target, Verb, Virtual, Watch,
};

struct Deletes;

impl Syncer for Deletes {
    type Object = Handle;
    const NAME: &'static str = "deletes";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn watches(&self) -> Vec<Watch> {
        let secrets = Watch::of_kind(Side::Virtual, "secrets", self.kind(), |_: &Handle| Concern::none());
        vec![secrets.select(Select::all().namespaces(["default"]))]
    }

    fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        Body::patch(&json!({}))
    }

    fn sync_down(&self, ctx: &Context, virtual_object: &Virtual<Handle>) -> Answer {
        let good = ctx.sync_down_create(self.translate(ctx, virtual_object)?)?;
        let name = virtual_object.target().key.name;
        let victim = |side, namespace: &str, kind: &str| Target {
            side,
            gvk: Gvk::new("", "v1", kind),
            key: Key { namespace: Some(namespace.to_owned()), name: "victim".into() },
        };
        Ok(match &*name {
            "system" => good.delete(victim(Side::Virtual, "kube-system", "Secret")),
            "unseen" => good.delete(victim(Side::Virtual, "public", "Secret")),
            "below" => good.delete(victim(Side::Physical, &ctx.namespace(), "Secret")),
            "kind" => good.delete(victim(Side::Virtual, "default", "ConfigMap")),
            "granted" => good.delete(victim(Side::Virtual, "default", "Secret")),
            _ => good,
        })
    }

    fn sync(&self, ctx: &Context, physical: &Physical<Handle>, virtual_object: &Virtual<Handle>) -> Answer {
        ctx.carry_down(physical, virtual_object, ["/data"])
    }
}

impl Plugin for Deletes {
    type Config = ();

    fn new((): ()) -> Result<Self, String> {
        Ok(Self)
    }

    fn syncers(self) -> Syncers {
        Syncers::new().down(self)
    }

    fn asks(&self) -> Vec<Ask> {
        let delete = |side, namespace: &str| {
            Ask::new(side, "", "Secret").verbs([Verb::Delete]).namespaces([namespace]).names(["victim"])
        };
        let map = Ask::new(Side::Virtual, "", "ConfigMap").verbs([Verb::Delete]).namespaces(["default"]);
        vec![delete(Side::Virtual, "default"), delete(Side::Virtual, "public"), map]
    }
}

sluice_sdk::plugin!(impl Deletes: syncer watch);
