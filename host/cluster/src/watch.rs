//! Watching one kind of one side.

mod heard;
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
use tracing::info;

use crate::cluster::Cluster;
use crate::raw::Raw;
use crate::resource::Resource;
use intake::Intake;
use trouble::{Trouble, is_missing};

/// Objects per page of a list, as in client-go: 2 MB of text for usual Pods, held a few times over while taken in.
pub(crate) const PAGE: u32 = 500;

/// After so many seconds a watch is ended and taken up again where it was. A connection that broke without a word is
/// noticed 5 s later: kube's own 290 s is a long time to be blind, and taking up a watch costs one request.
const WATCH_SECONDS: u32 = 120;

/// Why a watch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Nobody listens any more.
    Unheard,
    /// The cluster no longer serves the kind, or serves it elsewhere. Nothing was said of its objects, which are gone.
    /// The cluster has forgotten the [`Resource`].
    NotServed,
}

/// Which objects of a kind are watched.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope<'s> {
    /// Those in this namespace; none: in all.
    pub namespace: Option<&'s str>,
    /// Those that this label selector chooses; empty: all.
    pub labels: &'s str,
}

/// Tells of all objects of a kind in a scope, and from then on of every change. Runs until nobody listens any more, or
/// the kind is no longer served; other errors are logged and tried again, after 0.8 to 8 s. The first event is a reset.
/// Needs a tokio runtime.
///
/// `heard`: called whenever the API server says something, also where that is no event: it sends a bookmark about each
/// minute. `wrap`: what is sent of an event, since one listener may hear several watches.
pub fn watch<T: Send + 'static, W: Fn(WatchEvent) -> T + Send, H: Fn() + Send + Sync + 'static>(
    cluster: &Cluster,
    resource: &Resource,
    scope: Scope<'_>,
    heard: H,
    events: Sender<T>,
    wrap: W,
) -> impl Future<Output = Ended> + Send + use<T, W, H> {
    let config = if scope.labels.is_empty() { config() } else { config().labels(scope.labels) };
    let mut listening = cluster.clone();
    listening.client = heard::listening(&cluster.client, heard);
    let objects = resource.objects(&listening, scope.namespace);
    run(cluster.clone(), resource.clone(), objects, config, scope.namespace, events, wrap)
}

/// The same for the one object of this name, of a kind that is in no namespace.
pub(crate) fn watch_one(
    cluster: &Cluster,
    resource: &Resource,
    name: &str,
    events: Sender<WatchEvent>,
) -> impl Future<Output = Ended> + Send + use<> {
    let config = config().fields(&format!("metadata.name={name}"));
    let objects = resource.objects(cluster, None);
    run(cluster.clone(), resource.clone(), objects, config, None, events, std::convert::identity)
}

fn run<T: Send + 'static, W: Fn(WatchEvent) -> T + Send>(
    cluster: Cluster,
    resource: Resource,
    objects: Api<Raw>,
    config: watcher::Config,
    namespace: Option<&str>,
    events: Sender<T>,
    wrap: W,
) -> impl Future<Output = Ended> + Send + use<T, W> {
    let namespace = namespace.filter(|_| resource.namespaced).map(Into::into);
    let mut trouble = Trouble::new(cluster.side(), resource.gvk.clone());
    let mut intake = Intake::new(cluster.side(), resource.gvk.clone(), namespace);
    async move {
        let mut stream = pin!(watcher(objects, config));
        loop {
            let next = tokio::select! {
                () = events.closed() => return Ended::Unheard,
                next = stream.next() => next,
            };
            match next {
                Some(Ok(event)) => {
                    let Some(event) = intake.take(event) else { continue };
                    trouble.over();
                    if events.send(wrap(event)).await.is_err() {
                        return Ended::Unheard;
                    }
                }
                Some(Err(error)) if is_missing(&error) && is_gone(&cluster, &resource).await => {
                    info!(side = %cluster.side(), kind = %resource.gvk, "no longer served: the watch ends");
                    return Ended::NotServed;
                }
                // A broken stream fails at every poll: waiting is up to us.
                Some(Err(error)) => sleep(trouble.is(&error)).await,
                None => return Ended::Unheard,
            }
        }
    }
}

/// Whether the kind is no longer served where it was. Who does not answer has not said so.
async fn is_gone(cluster: &Cluster, resource: &Resource) -> bool {
    cluster.forget(&resource.gvk).await;
    match cluster.find(&resource.gvk).await {
        Ok(found) => !found.is_some_and(|found| found.is_where(resource)),
        Err(_) => false,
    }
}

/// Pages at the newest version, not a streaming list. A streaming list may begin at what an API server's cache holds,
/// and a list that is older than what was seen looks like deletes and un-deletes, which would be carried out on the
/// other side. It also needs a recent server with the right storage, while pages work everywhere. Bookmarks are asked for
/// by kube's default: with them a watch of which nothing changes is taken up where it was, and not listed anew.
fn config() -> watcher::Config {
    watcher::Config::default().list_semantic(watcher::ListSemantic::MostRecent).page_size(PAGE).timeout(WATCH_SECONDS)
}
