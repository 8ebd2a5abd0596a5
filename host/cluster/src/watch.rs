//! Watching one kind of one side.

mod intake;
mod trouble;

use std::future::Future;
use std::pin::pin;

use futures::StreamExt;
use kube::Api;
use kube::runtime::watcher;
use sluice_core::watch::WatchEvent;
use tokio::sync::mpsc::Sender;
use tokio::time::sleep;

use crate::cluster::Cluster;
use crate::raw::Raw;
use crate::resource::Resource;
use intake::Intake;
use trouble::Trouble;

/// Objects per page of a list, as in client-go: 2 MB of text for usual Pods, held a few times over while taken in.
const PAGE: u32 = 500;

/// After so many seconds a watch is ended and taken up again where it was. A connection that broke without a word is
/// noticed 5 s later: kube's own 290 s is a long time to be blind, and taking up a watch costs one request.
const WATCH_SECONDS: u32 = 120;

/// Tells of all objects of a kind, in all namespaces or one, and from then on of every change. Runs until nobody
/// listens any more; errors are logged and tried again, after 0.8 to 8 s. The first event is a reset.
pub fn watch(
    cluster: &Cluster,
    resource: &Resource,
    namespace: Option<&str>,
    events: Sender<WatchEvent>,
) -> impl Future<Output = ()> + Send + use<> {
    let client = cluster.client.clone();
    let api: Api<Raw> = match namespace {
        Some(namespace) => Api::namespaced_with(client, namespace, &resource.api),
        None => Api::all_with(client, &resource.api),
    };
    let mut trouble = Trouble::new(cluster.side(), resource.gvk.clone());
    let mut intake = Intake::new(cluster.side(), resource.gvk.clone());
    async move {
        let mut stream = pin!(watcher(api, config()));
        loop {
            let next = tokio::select! {
                () = events.closed() => return,
                next = stream.next() => next,
            };
            match next {
                Some(Ok(event)) => {
                    let Some(event) = intake.take(event) else { continue };
                    trouble.over();
                    if events.send(event).await.is_err() {
                        return;
                    }
                }
                // A broken stream fails at every poll: waiting is up to us.
                Some(Err(error)) => sleep(trouble.is(&error)).await,
                None => return,
            }
        }
    }
}

/// Pages at the newest version, not a streaming list. A streaming list may begin at what an API server's cache holds,
/// and a list that is older than what was seen looks like deletes and un-deletes, which would be carried out on the
/// other side. It also needs a recent server with the right storage, while pages work everywhere.
fn config() -> watcher::Config {
    watcher::Config::default().list_semantic(watcher::ListSemantic::MostRecent).page_size(PAGE).timeout(WATCH_SECONDS)
}
