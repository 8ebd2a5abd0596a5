//! Behaves well at first, and badly once the annotation `round` of an object says 3 or more: tries to be trusted, and then
//! to delete, to write elsewhere, or to hang.

use sluice_sdk::serde_json::json;
use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Key, Physical, Side, Syncer, Target, Virtual};

struct Sleeper;

impl Syncer for Sleeper {
    type Object = Handle;
    const NAME: &'static str = "sleeper";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        Body::patch(&json!({}))
    }

    fn sync(&self, ctx: &Context, physical: &Physical<Handle>, virtual_object: &Virtual<Handle>) -> Answer {
        let good = ctx.carry_down(physical, virtual_object, ["/data"])?;
        let elsewhere = Target {
            side: Side::Physical,
            gvk: Gvk::new("", "v1", "Secret"),
            key: Key { namespace: Some("kube-system".into()), name: "sleeper".into() },
        };
        Ok(match virtual_object.get("/metadata/annotations/round").as_deref() {
            Some(r#""3""#) => panic!("this plugin is awake"),
            Some(r#""4""#) => good.remove(Side::Virtual),
            Some(r#""5""#) => good.apply(elsewhere, Body::whole(&json!({ "metadata": { "name": "sleeper" } }))?),
            Some(r#""6""#) => loop {
                std::hint::spin_loop();
            },
            _ => good,
        })
    }
}

sluice_sdk::plugin!(Sleeper);
