//! Plain clients, as fast as they can, and what they see.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use futures::{StreamExt, TryStreamExt, stream};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use kube::api::{ListParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams};
use serde_json::json;
use tokio::task::JoinHandle;

/// Requests under way at once, per client: as many as the runtime has.
const WIDTH: usize = 64;

/// A ConfigMap of 1 KB.
pub(crate) fn config_map(name: &str) -> ConfigMap {
    let mut config_map = ConfigMap {
        data: Some(BTreeMap::from([("payload".into(), "x".repeat(1000)), ("round".into(), "0".into())])),
        ..ConfigMap::default()
    };
    config_map.metadata.name = Some(name.into());
    config_map
}

/// `prefix-0`, `prefix-1` and so on.
pub(crate) fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|index| format!("{prefix}-{index}")).collect()
}

pub(crate) async fn create(api: &Api<ConfigMap>, names: &[String]) -> Result<()> {
    let create = |name: &String| {
        let (api, object) = (api.clone(), config_map(name));
        async move { api.create(&PostParams::default(), &object).await.map(drop) }
    };
    Ok(stream::iter(names).map(Ok).try_for_each_concurrent(WIDTH, create).await?)
}

pub(crate) async fn update(api: &Api<ConfigMap>, names: &[String]) -> Result<()> {
    let update = |name: &String| {
        let (api, name) = (api.clone(), name.clone());
        async move {
            let patch = Patch::Merge(json!({ "data": { "round": "1" } }));
            api.patch(&name, &PatchParams::default(), &patch).await.map(drop)
        }
    };
    Ok(stream::iter(names).map(Ok).try_for_each_concurrent(WIDTH, update).await?)
}

/// Waits until no copy of what is in the namespace `bench` is left.
pub(crate) async fn are_gone(below: &Api<ConfigMap>) -> Result<()> {
    let is_copy = |name: &String| name.contains("-x-bench-x-");
    sluice_tests::eventually("the copies are gone", async || {
        let left = below.list_metadata(&ListParams::default()).await?;
        Ok::<_, kube::Error>(!left.iter().any(|map| map.metadata.name.as_ref().is_some_and(is_copy)))
    })
    .await
}

/// A watch on one namespace that notes when it saw each name.
pub(crate) struct Spotter {
    seen: Arc<Mutex<HashMap<String, Instant>>>,
    task: JoinHandle<()>,
}

/// What counts as seen.
#[derive(Clone, Copy)]
pub(crate) enum Sight {
    /// It is there.
    There,
    /// It is there with the data of the update.
    Updated,
    /// It is gone.
    Gone,
}

impl Spotter {
    /// Sees what comes after this returns.
    pub(crate) async fn start(api: &Api<ConfigMap>, sight: Sight) -> Result<Self> {
        let now = api.list_metadata(&ListParams::default().limit(1)).await?;
        let version = now.metadata.resource_version.unwrap_or_default();
        let mut events = Box::pin(api.watch(&WatchParams::default(), &version).await?);
        let seen = Arc::<Mutex<HashMap<_, _>>>::default();
        let task = tokio::spawn({
            let seen = Arc::clone(&seen);
            async move {
                while let Ok(Some(event)) = events.try_next().await {
                    let round = |object: &ConfigMap| object.data.as_ref()?.get("round").cloned();
                    let updated = |object: &ConfigMap| round(object).is_some_and(|round| round == "1");
                    let name = match (sight, event) {
                        (Sight::There, WatchEvent::Added(object)) => object.metadata.name,
                        (Sight::Updated, WatchEvent::Modified(object)) if updated(&object) => object.metadata.name,
                        (Sight::Gone, WatchEvent::Deleted(object)) => object.metadata.name,
                        _ => continue,
                    };
                    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                    if let Some(name) = name {
                        seen.entry(name).or_insert_with(Instant::now);
                    }
                }
            }
        });
        Ok(Self { seen, task })
    }

    /// When it saw each of these, once it has seen all of them. What else there is does not count.
    pub(crate) async fn all(self, names: &[String]) -> Result<Vec<Instant>> {
        let what = format!("{} objects are seen", names.len());
        let all = || {
            let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            names.iter().map(|name| seen.get(name).copied()).collect::<Option<Vec<_>>>()
        };
        let seen = sluice_tests::eventually_within(Duration::from_secs(300), &what, async || all()).await;
        self.task.abort();
        seen
    }
}
