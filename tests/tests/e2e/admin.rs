//! The port of `--admin`: health, metrics and state, as probes, Prometheus and people see them.

mod alerts;
mod closed;
mod counted;
mod heard;
mod quarantined;
mod ready;
mod swapped;

use crate::support::port::{Answer, Port};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use sluice_tests::Sluice;
use std::{collections::BTreeMap, path::PathBuf};

/// What there is.
const PAGES: [&str; 5] = ["/livez", "/readyz", "/readyz?verbose", "/metrics", "/debug/state.json"];

/// What can be seen of a runtime.
#[derive(Clone, Copy)]
struct Admin(Port);

impl Admin {
    async fn of(sluice: &mut Sluice) -> Result<Self> {
        Ok(Self(Port::of_admin(sluice).await?))
    }

    async fn text(&self, path: &str) -> Result<String> {
        let Answer { status, body, .. } = self.0.get(path).await?;
        let body = String::from_utf8(body)?;
        ensure!(status == 200, "{path}: {status} {body}");
        Ok(body)
    }

    /// Every series with its number.
    async fn metrics(&self) -> Result<Metrics> {
        Metrics::parse(self.text("/metrics").await?)
    }

    /// What the state says of a plugin; null if it says nothing.
    async fn plugin(&self, name: &str) -> Result<Value> {
        let state: Value = serde_json::from_str(&self.text("/debug/state.json").await?)?;
        let plugins = state["plugins"].as_array().context("no plugins")?;
        Ok(plugins.iter().find(|plugin| plugin["name"] == name).cloned().unwrap_or_default())
    }
}

/// The page of metrics.
struct Metrics {
    text: String,
    series: BTreeMap<String, f64>,
}

impl Metrics {
    fn parse(text: String) -> Result<Self> {
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        let series = samples.map(|line| {
            let (series, value) = line.rsplit_once(' ').with_context(|| line.to_owned())?;
            Ok((series.to_owned(), value.parse()?))
        });
        Ok(Self { series: series.collect::<Result<_>>()?, text })
    }

    /// The sum over all series of a name with all of these labels, each as `name="value"`; 0 if there are none.
    fn sum(&self, name: &str, labels: &[&str]) -> f64 {
        let of = |series: &&str| {
            let (its, with) = series.split_once('{').unwrap_or((series, "}"));
            let with: Vec<_> = with.trim_end_matches('}').split(',').collect();
            its == name && labels.iter().all(|label| with.contains(label))
        };
        self.series.iter().filter(|(series, _)| of(&series.as_str())).map(|(_, value)| value).sum()
    }
}

/// A file of the repository.
fn file(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../")).join(path)
}
