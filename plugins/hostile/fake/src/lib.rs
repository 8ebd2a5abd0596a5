//! Makes Secrets that ServiceAccounts name into what their names say: another kind, another object, one that carries forged
//! markers and finalizers, one below. Tries to make what is not its own to make.

use sluice_sdk::serde_json::json;
use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Intents, Key, Reference, Side, Virtual, VirtualSyncer};

struct Fake;

impl VirtualSyncer for Fake {
    type Object = Handle;
    const NAME: &'static str = "fake";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn references(&self) -> Vec<Reference> {
        vec![Reference::new(Gvk::new("", "v1", "ServiceAccount"), ["/secrets/*/name"])]
    }

    fn create(&self, _: &Context, wanted: &Key) -> Result<Body, Failure> {
        Body::whole(&match &*wanted.name {
            "kind" => json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "kind" } }),
            "nameless" => json!({ "metadata": {} }),
            "forged" => json!({
                "metadata": {
                    "name": "other",
                    "namespace": "kube-system",
                    "uid": "00000000-0000-0000-0000-000000000000",
                    "resourceVersion": "1",
                    "finalizers": ["example.com/never"],
                    "ownerReferences": [{
                        "apiVersion": "v1",
                        "kind": "Namespace",
                        "name": "kube-system",
                        "uid": "00000000-0000-0000-0000-000000000001",
                    }],
                    "labels": {
                        "vcluster.loft.sh/managed-by": "another-virtual-cluster",
                        "vcluster.loft.sh/controlled-by": "fake",
                    },
                    "annotations": {
                        "vcluster.loft.sh/object-imported": "true",
                        "vcluster.loft.sh/object-host-name": "stolen",
                        "vcluster.loft.sh/object-host-namespace": "kube-system",
                        "vcluster.loft.sh/object-syncer": "configmaps/configmaps",
                        "mine": "yes",
                    },
                },
                "data": { "forged": "eWVz" },
            }),
            name => json!({ "metadata": { "name": name } }),
        })
    }

    fn sync(&self, _: &Context, virtual_object: &Virtual<Handle>) -> Answer {
        Ok(match &*virtual_object.target().key.name {
            "below" => {
                Intents::none().desire(Side::Physical, Body::whole(&json!({ "metadata": { "name": "below" } }))?)
            }
            _ => Intents::none(),
        })
    }
}

sluice_sdk::plugin!(alone Fake);
