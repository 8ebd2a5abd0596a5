//! What every virtual cluster shall have is there before its users are: a kind of object, a namespace with an object
//! of it that says whom to ask, and a Deployment. What they change or delete of it is put back at the next start.

use sluice_sdk::schemars::JsonSchema;
use sluice_sdk::serde::Deserialize;
use sluice_sdk::{Answer, Ask, Init, Intents, Plugin, Side, Verb};

/// What the operator can say.
#[derive(Deserialize, JsonSchema)]
#[serde(crate = "sluice_sdk::serde", default, deny_unknown_fields)]
#[schemars(crate = "sluice_sdk::schemars")]
struct Config {
    /// How many pods the Deployment has.
    replicas: u16,
}

impl Default for Config {
    fn default() -> Self {
        Self { replicas: 1 }
    }
}

struct Bootstrap {
    config: Config,
}

impl Plugin for Bootstrap {
    type Config = Config;

    fn new(config: Config) -> Result<Self, String> {
        Ok(Self { config })
    }

    /// Just what the manifests name, so that the operator need not grant more.
    fn asks(&self) -> Vec<Ask> {
        let make = |group, kind| Ask::new(Side::Virtual, group, kind).verbs([Verb::Create, Verb::Update]);
        vec![
            make("apiextensions.k8s.io", "CustomResourceDefinition").names(["contacts.example.loft.sh"]),
            make("", "Namespace").names(["support"]),
            make("example.loft.sh", "Contact").namespaces(["support"]).names(["operator"]),
            make("apps", "Deployment").namespaces(["default"]).names(["mydeployment"]),
        ]
    }

    fn init(&self, _: &Init) -> Answer {
        let deployment = include_str!("../manifests/deployment.yaml");
        Intents::none()
            .apply_all(Side::Virtual, include_str!("../manifests/definition.yaml"))?
            .apply_all(Side::Virtual, include_str!("../manifests/support.yaml"))?
            .apply_all(Side::Virtual, &deployment.replace("$REPLICAS", &self.config.replicas.to_string()))
    }
}

sluice_sdk::plugin!(impl Bootstrap);
