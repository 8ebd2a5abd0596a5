//! What every team of a virtual cluster is to have: a ConfigMap of the target namespace with the label
//! `sluice.example.com/everywhere` appears under its name in each virtual namespace, also in one that is made later, but
//! for those of Kubernetes itself. One physical object stands for many virtual ones.

use sluice_sdk::k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use sluice_sdk::{
    Answer, Concern, Context, Failure, Key, Names, Physical, Plugin, Select, Side, Syncers, UpSyncer, Virtual, Watch,
    watched,
};

const NAMESPACES: &str = "namespaces";

struct NamespaceConfig;

impl UpSyncer for NamespaceConfig {
    type Object = ConfigMap;
    const NAME: &'static str = "namespace-config";

    fn select(&self) -> Select {
        Select::all().labels("sluice.example.com/everywhere")
    }

    fn names(&self) -> Names {
        Names::Own
    }

    /// A namespace that comes or goes is one more place, or one less, for all of them.
    fn watches(&self) -> Vec<Watch> {
        vec![Watch::of(Side::Virtual, NAMESPACES, |_: &Namespace| Concern::All)]
    }

    fn to_virtual(&self, physical: &Physical<ConfigMap>) -> Result<Vec<Key>, Failure> {
        let name = physical.metadata.name.clone().unwrap_or_default();
        let namespaces = watched::<Namespace>(NAMESPACES).list(1000)?;
        let own = namespaces.into_iter().filter(|namespace| namespace.metadata.deletion_timestamp.is_none());
        let own = own.filter_map(|namespace| namespace.metadata.name).filter(|name| !name.starts_with("kube-"));
        Ok(own.map(|namespace| Key { namespace: Some(namespace), name: name.clone() }).collect())
    }

    fn translate(&self, ctx: &Context, physical: &Physical<ConfigMap>) -> Result<ConfigMap, Failure> {
        Ok(ctx.translate_metadata_up(physical))
    }

    fn sync(&self, ctx: &Context, physical: &Physical<ConfigMap>, virtual_object: &Virtual<ConfigMap>) -> Answer {
        ctx.carry_up(physical, virtual_object, ["/data", "/binaryData"])
    }
}

impl Plugin for NamespaceConfig {
    type Config = ();

    fn new((): ()) -> Result<Self, String> {
        Ok(Self)
    }

    fn syncers(self) -> Syncers {
        Syncers::new().up(self)
    }
}

sluice_sdk::plugin!(impl NamespaceConfig: syncer mapping watch);
