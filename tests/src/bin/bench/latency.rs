//! From a write in the virtual cluster to its copy being seen in the physical one, at an even pace.

use std::time::{Duration, Instant};

use anyhow::Result;
use futures::TryStreamExt;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use kube::api::PostParams;
use kube::runtime::{WatchStreamExt, watcher};
use tokio::task::JoinHandle;

use crate::load::{Sight, Spotter, config_map, names};

/// Objects a second.
const PACE: u32 = 50;

/// Milliseconds, sorted.
pub(crate) struct Latency(Vec<f64>);

impl FromIterator<Duration> for Latency {
    fn from_iter<I: IntoIterator<Item = Duration>>(times: I) -> Self {
        let mut times: Vec<_> = times.into_iter().map(|time| time.as_secs_f64() * 1e3).collect();
        times.sort_by(f64::total_cmp);
        Self(times)
    }
}

impl Latency {
    /// Of nothing it is no number.
    pub(crate) fn quantile(&self, quantile: f64) -> f64 {
        let last = self.0.len().saturating_sub(1) as f64;
        self.0.get((last * quantile).round() as usize).copied().unwrap_or(f64::NAN)
    }
}

/// Creates `count` objects at the pace, and waits for their copies, whose names `copy` tells.
pub(crate) async fn measure(
    from: &Api<ConfigMap>,
    to: &Api<ConfigMap>,
    prefix: &str,
    count: usize,
    copy: impl Fn(&str) -> String,
) -> Result<Latency> {
    let spotter = Spotter::start(to, Sight::There).await?;
    let mut tick = tokio::time::interval(Duration::from_secs(1) / PACE);
    let (mut copies, mut begun, mut requests) = (vec![], vec![], vec![]);
    for name in names(prefix, count) {
        tick.tick().await;
        copies.push(copy(&name));
        begun.push(Instant::now());
        let from = from.clone();
        requests.push(tokio::spawn(async move { from.create(&PostParams::default(), &config_map(&name)).await }));
    }
    for request in requests {
        request.await??;
    }
    let seen = spotter.all(&copies).await?;
    Ok(seen.iter().zip(begun).map(|(seen, begun)| seen.duration_since(begun)).collect())
}

/// The floor: watches one side and creates on the other, with kube-rs and nothing between.
pub(crate) fn bare(from: Api<ConfigMap>, to: Api<ConfigMap>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let events = watcher(from, watcher::Config::default()).default_backoff().applied_objects();
        let copied = events.try_for_each_concurrent(64, |object| {
            let to = to.clone();
            async move {
                let mut copy = ConfigMap { data: object.data, ..ConfigMap::default() };
                copy.metadata.name = object.metadata.name;
                // It exists already after a relist; the floor does not care.
                let _ = to.create(&PostParams::default(), &copy).await;
                Ok(())
            }
        });
        let _ = copied.await;
    })
}
