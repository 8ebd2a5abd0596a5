//! Applies, by the name of a Secret, objects in places that it was not granted, and those beside the one that it was:
//! tries to write where it has no business.

use sluice_sdk::serde_json::json;
use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Intents, Key, Physical, Side, Syncer, Target, Virtual};

struct Stray;

impl Syncer for Stray {
    type Object = Handle;
    const NAME: &'static str = "stray";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        Body::patch(&json!({}))
    }

    fn sync_down(&self, ctx: &Context, virtual_object: &Virtual<Handle>) -> Answer {
        let (core, here, side) = (["", "v1", "ConfigMap"], Some(ctx.namespace()), Side::Physical);
        let at = |namespace: &str| Some(namespace.to_owned());
        let path = "v2/namespaces/kube-system/configmaps/mine?";
        let (side, [group, version, kind], namespace, name) = match &*virtual_object.target().key.name {
            "system" => (side, core, at("kube-system"), "mine"),
            "elsewhere" => (side, core, at("default"), "mine"),
            "above" => (Side::Virtual, core, here, "mine"),
            "nowhere" => (side, core, None, "mine"),
            "empty" => (side, core, at(""), "mine"),
            "cluster" => (side, ["rbac.authorization.k8s.io", "v1", "ClusterRole"], None, "mine"),
            "itself" => (side, ["", "v1", "Namespace"], None, "mine"),
            "longer" => (side, core, here, "mine-too"),
            "shorter" => (side, core, here, "min"),
            "case" => (side, core, here, "Mine"),
            "path" => (side, core, here, "mine/../victim"),
            "kind" => (side, ["", "v1", "Secret"], here, "mine"),
            "group" => (side, ["apps", "v1", "ConfigMap"], here, "mine"),
            "version" => (side, ["", path, "ConfigMap"], here, "mine"),
            _ => (side, core, here, "mine"),
        };
        let target = Target { side, gvk: Gvk::new(group, version, kind), key: Key { namespace, name: name.into() } };
        let body = json!({ "metadata": { "name": "victim", "namespace": "kube-system" }, "data": { "a": "b" } });
        Ok(ctx.sync_down_create(self.translate(ctx, virtual_object)?)?.apply(target, Body::whole(&body)?))
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        Ok(Intents::none())
    }
}

sluice_sdk::plugin!(Stray);
