//! ConfigMaps that hold plugins, or parts of them: what they hold is somebody else's to judge.

use std::collections::BTreeMap;
use std::convert::identity;
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use serde::Deserialize;
use sluice_core::bundle::Part;
use sluice_core::key::{Gvk, Key};
use sluice_core::markers;
use sluice_core::object::Object;
use sluice_core::watch::WatchEvent;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until};
use tracing::{error, warn};

use crate::cluster::Cluster;
use crate::watch::{Scope, watch as watch_objects};

/// For how long nothing must have changed before what there is is shown: the parts of a plugin are applied one by one.
const SETTLED: Duration = Duration::from_millis(300);
/// How long to wait before an API server is asked again that did not serve ConfigMaps, or did not say.
const AGAIN: Duration = Duration::from_secs(8);

/// All of them, in the order of their names; none as long as nobody knows.
pub type Bundles = Option<Arc<Vec<Part>>>;

/// Shows all ConfigMaps of a namespace that carry a label, now and whenever they changed and then stayed as they are for
/// 300 ms. Copies that a virtual cluster made of its users' objects are not among them, nor asked for. Runs until nobody
/// looks any more; errors are logged and tried again, while what was last known stands.
pub async fn watch_bundles(cluster: Cluster, namespace: String, label: &str, shown: watch::Sender<Bundles>) {
    // What users of a virtual cluster label does not even use our memory.
    let selector = format!("{label},!{}", markers::MANAGED_BY);
    let (sender, mut events) = mpsc::channel(16);
    let watch = async {
        let gvk = Gvk::new("", "v1", "ConfigMap");
        loop {
            match cluster.resource(&gvk).await {
                Ok(resource) => {
                    let scope = Scope { namespace: Some(&namespace), labels: &selector };
                    watch_objects(&cluster, &resource, scope, || {}, sender.clone(), identity).await;
                }
                Err(error) => warn!(namespace, %error, "plugins in ConfigMaps are not looked for; it is tried again"),
            }
            sleep(AGAIN).await;
        }
    };
    let collect = async {
        let (mut known, mut due) = (BTreeMap::new(), None);
        loop {
            let settled = async {
                match due {
                    Some(due) => sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                Some(event) = events.recv() => {
                    take(&mut known, event);
                    due = Some(Instant::now() + SETTLED);
                }
                () = settled => {
                    due = None;
                    let bundles = known.values().filter_map(|object: &Arc<Object>| part(object)).collect();
                    // A list after a gap says what is known.
                    shown.send_if_modified(|known| {
                        let bundles = Some(Arc::new(bundles));
                        let changed = *known != bundles;
                        *known = bundles;
                        changed
                    });
                }
            }
        }
    };
    tokio::select! {
        () = shown.closed() => {}
        () = watch => {}
        () = collect => {}
    }
}

fn take(known: &mut BTreeMap<Key, Arc<Object>>, event: WatchEvent) {
    match event {
        WatchEvent::Reset { objects, .. } => {
            *known = objects.into_iter().map(|object| (object.key.clone(), object)).collect();
        }
        WatchEvent::Applied(object) => drop(known.insert(object.key.clone(), object)),
        WatchEvent::Deleted(object) => drop(known.remove(&object.key)),
    }
}

/// What an object's text says. One that is being deleted is as good as gone.
fn part(object: &Object) -> Option<Part> {
    if object.deleting {
        return None;
    }
    let mut text = serde_json::Deserializer::from_str(&object.json);
    let ConfigMap { metadata, binary_data, .. } = ConfigMap::deserialize(&mut text)
        .inspect_err(|_| error!(config_map = %object.key, "the API server sent what is no ConfigMap; it is left out"))
        .ok()?;
    Some(Part {
        namespace: metadata.namespace.unwrap_or_default(),
        name: metadata.name.unwrap_or_default(),
        labels: metadata.labels.unwrap_or_default(),
        annotations: metadata.annotations.unwrap_or_default(),
        binary_data: binary_data.unwrap_or_default().into_iter().map(|(key, bytes)| (key, bytes.0)).collect(),
    })
}
