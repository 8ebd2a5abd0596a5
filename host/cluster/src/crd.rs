//! CustomResourceDefinitions that both clusters need: the one that lacks one gets a copy of the other's.

mod copy;
mod established;
mod keeper;

use std::pin::pin;
use std::time::Duration;

use futures::future::join;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::ApiResource;
use sluice_core::key::{Gvk, Side};
use sluice_core::watch::WatchEvent;
use tokio::sync::mpsc;
use tokio::time::{sleep, sleep_until};

use crate::cluster::Cluster;
use crate::lease::Claim;
use crate::resource::Resource;
use crate::watch::watch_one;
use crate::write::Writer;
use keeper::Keeper;

pub use established::NotEstablished;

/// The longest wait between two tries of a write.
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// How a cluster serves CustomResourceDefinitions: every one does.
fn definitions() -> Resource {
    let api = ApiResource::erase::<CustomResourceDefinition>(&());
    Resource { gvk: Gvk::new(&api.group, &api.version, &api.kind), namespaced: false, has_status: true, api }
}

/// Keeps a copy of the CustomResourceDefinition `name` in the cluster that lacks it, in step with the other's. Runs until
/// it is dropped; errors are logged and tried again. Writes while the claim is held, and never deletes.
///
/// The source is the one cluster whose definition does not carry `mark` as its managed-by label; a definition that does
/// is a copy of ours. If both clusters have one of their own, they are left alone; if neither has, the first is awaited.
/// So `mark` tells this virtual cluster from every other of the same physical one.
///
/// A copy has all versions, and the labels and annotations of its source beside what others gave it. A conversion
/// webhook that is a Service of the source cluster is out of reach for the other: such a copy does not convert.
pub async fn keep(virtual_cluster: &Cluster, physical_cluster: &Cluster, name: &str, claim: &Claim, mark: &str) {
    let (virtual_sender, mut virtual_events) = mpsc::channel(1);
    let (physical_sender, mut physical_events) = mpsc::channel(1);
    let mut watches =
        pin!(join(watch_on(virtual_cluster, name, virtual_sender), watch_on(physical_cluster, name, physical_sender)));
    let writer = Writer::new(virtual_cluster.clone(), physical_cluster.clone(), claim.clone());
    let mut keeper = Keeper::new(name, mark);
    loop {
        let wanted = keeper.wanted();
        let not_before = keeper.not_before();
        tokio::select! {
            _ = &mut watches => {}
            Some(event) = virtual_events.recv() => keeper.sees(Side::Virtual, event),
            Some(event) = physical_events.recv() => keeper.sees(Side::Physical, event),
            () = async { sleep_until(not_before).await; claim.wait().await }, if wanted.is_some() => {
                if let Some((write, copy)) = wanted {
                    keeper.answered(&write, copy, writer.write(&write).await);
                }
            }
        }
    }
}

/// Watches for ever: definitions themselves are served again if ever they were not.
async fn watch_on(cluster: &Cluster, name: &str, events: mpsc::Sender<WatchEvent>) {
    loop {
        watch_one(cluster, &definitions(), name, events.clone()).await;
        sleep(LONGEST_WAIT).await;
    }
}
