//! Secrets that an Ingress of the virtual cluster names, by TLS or in an annotation of ingress-nginx, are copied down;
//! all others stay where they are. A copy says which Ingresses use it, for whoever looks after the physical cluster.

use sluice_sdk::k8s_openapi::api::core::v1::Secret;
use sluice_sdk::k8s_openapi::api::networking::v1::Ingress;
use sluice_sdk::{
    Answer, Concern, Context, Failure, Key, Physical, Plugin, Side, Syncer, Syncers, Virtual, Watch, watched,
};

const INGRESSES: &str = "ingresses";
const USED_BY: &str = "sluice.example.com/used-by";
/// A name, or namespace/name.
const ANNOTATIONS: [&str; 3] = ["auth-secret", "auth-tls-secret", "proxy-ssl-secret"];

struct IngressSecrets;

impl Syncer for IngressSecrets {
    type Object = Secret;
    const NAME: &'static str = "ingress-secrets";

    fn watches(&self) -> Vec<Watch> {
        vec![Watch::of(Side::Virtual, INGRESSES, |ingress: &Ingress| Concern::pairs(named(ingress))).selects()]
    }

    fn translate(&self, ctx: &Context, secret: &Virtual<Secret>) -> Result<Secret, Failure> {
        let mut copy = ctx.translate_metadata(secret);
        copy.metadata.annotations.get_or_insert_default().insert(USED_BY.into(), used_by(secret)?);
        Ok(copy)
    }

    fn sync(&self, ctx: &Context, physical: &Physical<Secret>, secret: &Virtual<Secret>) -> Answer {
        let mut updated = Secret::clone(physical);
        if let Some(metadata) = ctx.translate_metadata_update(physical, secret) {
            updated.metadata.labels = metadata.labels;
            updated.metadata.annotations = metadata.annotations;
        }
        updated.metadata.annotations.get_or_insert_default().insert(USED_BY.into(), used_by(secret)?);
        updated.data = secret.data.clone();
        ctx.sync_down_update((updated != **physical).then_some(updated))
    }
}

/// The Secrets that an Ingress names.
fn named(ingress: &Ingress) -> Vec<Key> {
    let own = ingress.metadata.namespace.as_deref().unwrap_or_default();
    let key = |namespace: &str, name: &str| Key { namespace: Some(namespace.to_owned()), name: name.to_owned() };
    let tls = ingress.spec.iter().flat_map(|spec| spec.tls.iter().flatten());
    let tls = tls.filter_map(|tls| tls.secret_name.as_deref()).map(|name| key(own, name));
    let annotations = ingress.metadata.annotations.as_ref();
    let annotated = ANNOTATIONS.iter().filter_map(|name| {
        let text = annotations?.get(&format!("nginx.ingress.kubernetes.io/{name}"))?;
        Some(text.split_once('/').map_or_else(|| key(own, text), |(namespace, name)| key(namespace, name)))
    });
    tls.chain(annotated).filter(|key| !key.name.is_empty()).collect()
}

/// The Ingresses that name a Secret, as namespace/name.
fn used_by(secret: &Virtual<Secret>) -> Result<String, Failure> {
    let ingresses = watched::<Ingress>(INGRESSES).concerning(&secret.handle().target().key, 20)?;
    let names = ingresses.into_iter().map(|ingress| {
        let metadata = ingress.metadata;
        format!("{}/{}", metadata.namespace.unwrap_or_default(), metadata.name.unwrap_or_default())
    });
    Ok(names.collect::<Vec<_>>().join(", "))
}

impl Plugin for IngressSecrets {
    type Config = ();

    fn new((): ()) -> Result<Self, String> {
        Ok(Self)
    }

    fn syncers(self) -> Syncers {
        Syncers::new().down(self)
    }
}

sluice_sdk::plugin!(impl IngressSecrets: syncer watch);
