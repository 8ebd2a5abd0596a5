//! Pods on their way to the physical cluster, whoever sends them: each gets a label that says where it is from, and one
//! that wants the network of its node stays where it is.

use sluice_sdk::k8s_openapi::api::core::v1::Pod;
use sluice_sdk::{Hook, Occasion, Operation, Side};

struct Labelled;

impl Hook for Labelled {
    type Object = Pod;
    const NAME: &'static str = "labelled";
    const SIDE: Side = Side::Physical;
    const OPERATIONS: &'static [Operation] = &[Operation::Create, Operation::Update];

    fn review(&self, _: &Occasion, mut pod: Pod) -> Result<Pod, String> {
        pod.metadata.labels.get_or_insert_default().insert("created-by-plugin".into(), "pod-hook".into());
        Ok(pod)
    }
}

struct OwnNetwork;

impl Hook for OwnNetwork {
    type Object = Pod;
    const NAME: &'static str = "own-network";
    const SIDE: Side = Side::Physical;
    const OPERATIONS: &'static [Operation] = &[Operation::Create];

    fn review(&self, _: &Occasion, pod: Pod) -> Result<Pod, String> {
        match pod.spec.as_ref().and_then(|spec| spec.host_network) {
            Some(true) => Err("hostNetwork is not for Pods of a virtual cluster; leave it out".into()),
            _ => Ok(pod),
        }
    }
}

sluice_sdk::plugin!(hooks Labelled, OwnNetwork);
