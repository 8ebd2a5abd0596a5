//! What the operator wants tenants to have: a Secret of the target namespace with the annotation
//! `vcluster.loft.sh/import: namespace/name` appears there in the virtual cluster, whose namespace is made if it is
//! missing. The physical Secret is the one that counts: what is changed in the virtual one is put back, and when the
//! physical one or its annotation goes, the virtual one goes too.

use sluice_sdk::k8s_openapi::api::core::v1::Secret;
use sluice_sdk::serde_json::json;
use sluice_sdk::{
    Answer, Ask, Context, Failure, Form, Intents, Names, Physical, Plugin, Side, Syncers, UpSyncer, Verb, Virtual,
};

struct ImportSecrets;

impl UpSyncer for ImportSecrets {
    type Object = Secret;
    const NAME: &'static str = "import-secrets";

    fn names(&self) -> Names {
        Names::annotation("vcluster.loft.sh/import")
    }

    fn translate(&self, ctx: &Context, physical: &Physical<Secret>) -> Result<Secret, Failure> {
        Ok(ctx.translate_metadata_up(physical))
    }

    /// The namespace that it goes to is made too. One that is there stays as it is.
    fn sync_up(&self, ctx: &Context, physical: &Physical<Secret>) -> Answer {
        let name = physical.counterpart().namespace;
        let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
        let secret = self.translate(ctx, physical)?;
        Ok(Intents::none().apply_object(Side::Virtual, &namespace)?.desire(Side::Virtual, secret.body()?))
    }

    fn sync(&self, ctx: &Context, physical: &Physical<Secret>, virtual_object: &Virtual<Secret>) -> Answer {
        ctx.carry_up(physical, virtual_object, ["/type", "/data", "/immutable"])
    }
}

impl Plugin for ImportSecrets {
    type Config = ();

    fn new((): ()) -> Result<Self, String> {
        Ok(Self)
    }

    fn syncers(self) -> Syncers {
        Syncers::new().up(self)
    }

    fn asks(&self) -> Vec<Ask> {
        vec![Ask::new(Side::Virtual, "", "Namespace").verbs([Verb::Create, Verb::Update])]
    }
}

sluice_sdk::plugin!(impl ImportSecrets);
