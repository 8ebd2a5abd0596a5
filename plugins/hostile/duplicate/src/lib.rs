//! Answers with JSON that has its keys twice, the second time as those of another: tries to have one of them checked and
//! the other one written.

use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Intents, Physical, Syncer, Virtual};

struct Duplicate;

impl Syncer for Duplicate {
    type Object = Handle;
    const NAME: &'static str = "duplicate";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn translate(&self, _: &Context, virtual_object: &Virtual<Handle>) -> Result<Body, Failure> {
        let json = match &*virtual_object.target().key.name {
            "metadata" => {
                r#"{"metadata":{"name":"a"},"data":{"a":"MQ=="},"metadata":{"name":"victim","namespace":"kube-system"}}"#
            }
            "name" => r#"{"metadata":{"name":"a","name":"victim"},"data":{"a":"MQ==","a":"Mg=="}}"#,
            "kind" => r#"{"kind":"Secret","metadata":{"name":"a"},"kind":"ConfigMap"}"#,
            "nameless" => r#"{"metadata":{"name":"a"},"metadata":{}}"#,
            _ => {
                r#"{"metadata":{"name":"a","labels":{"vcluster.loft.sh/managed-by":"a","vcluster.loft.sh/managed-by":"b"}}}"#
            }
        };
        Ok(Body::Whole(json.into()))
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        Ok(Intents::none())
    }
}

sluice_sdk::plugin!(Duplicate);
