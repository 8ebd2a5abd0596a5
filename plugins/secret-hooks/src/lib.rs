//! Whoever keeps Secrets in step copies only those that something names, or that wish it by an annotation. A Secret with
//! the label `sluice.example.com/needed` is shown to it with that annotation, without one being written.

use sluice_sdk::k8s_openapi::api::core::v1::Secret;
use sluice_sdk::{Hook, Occasion, Operation, Side};

struct Needed;

impl Hook for Needed {
    type Object = Secret;
    const NAME: &'static str = "needed";
    const SIDE: Side = Side::Virtual;
    const OPERATIONS: &'static [Operation] = &[Operation::Get];

    fn review(&self, _: &Occasion, mut secret: Secret) -> Result<Secret, String> {
        let metadata = &mut secret.metadata;
        if metadata.labels.iter().flatten().any(|(key, _)| key == "sluice.example.com/needed") {
            let annotations = metadata.annotations.get_or_insert_default();
            annotations.insert("vcluster.loft.sh/force-sync".into(), "true".into());
        }
        Ok(secret)
    }
}

sluice_sdk::plugin!(hooks Needed);
