//! Answers with whatever the annotations of a Secret tell it to: what is no object, what is another's, and what it was
//! never granted. Tries to have one bad intent carried out beside a good one.

use std::time::Duration;

use sluice_sdk::serde_json::{self, json};
use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Intents, Key, Physical, Side, Syncer, Target, Virtual};

struct Nonsense;

impl Syncer for Nonsense {
    type Object = Handle;
    const NAME: &'static str = "nonsense";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        Body::patch(&json!({}))
    }

    fn sync(&self, ctx: &Context, physical: &Physical<Handle>, virtual_object: &Virtual<Handle>) -> Answer {
        let [way, said] = ["way", "said"].map(|annotation| text(virtual_object, annotation));
        let good = ctx.carry_down(physical, virtual_object, ["/data"])?;
        let elsewhere = |side| Target {
            side,
            gvk: Gvk::new("", "v1", "ConfigMap"),
            key: Key { namespace: Some("kube-system".into()), name: "nonsense".into() },
        };
        let whole = || Body::Whole(json!({ "metadata": { "name": "nonsense" }, "data": { "a": "b" } }).to_string());
        Ok(match &*way {
            "whole" => Intents::none().desire(Side::Physical, Body::Whole(said)),
            "patch" => Intents::none().desire(Side::Physical, Body::MergePatch(said)),
            "field" => Intents::none().desire(Side::Physical, Body::fields([(&*said, Some("1".into()))])),
            "twice" => {
                good.desire(Side::Physical, Body::patch(&json!({ "data": { "a": "Yg==" } }))?).remove(Side::Physical)
            }
            "virtual" => good.desire(Side::Virtual, Body::patch(&json!({ "data": { "a": "Yg==" } }))?),
            "status" => good.desire_status(Side::Virtual, Body::patch(&json!({ "status": {} }))?),
            "remove" => good.remove(Side::Virtual),
            "apply" => good.apply(elsewhere(Side::Virtual), whole()),
            "apply-below" => good.apply(elsewhere(Side::Physical), whole()),
            "delete" => good.delete(elsewhere(Side::Physical)),
            "many" => (0..10_000).fold(good, |many, _| many.requeue(Duration::ZERO)),
            _ => good,
        })
    }
}

fn text(object: &Handle, annotation: &str) -> String {
    let text = object.get(&format!("/metadata/annotations/{annotation}"));
    text.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
}

sluice_sdk::plugin!(Nonsense);
