//! The page that Prometheus reads, as OpenMetrics text.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// What every name begins with.
const PREFIX: &str = "sluice";

/// Names and values of labels.
pub(super) type Labels = Vec<(&'static str, String)>;

/// One number, or one histogram.
#[derive(Debug)]
pub(super) enum Value {
    Counter(u64),
    Gauge(f64),
    Histogram(Histogram),
}

/// All series of one name.
#[derive(Debug)]
struct Family {
    /// Without prefix, unit and `_total`.
    name: &'static str,
    help: &'static str,
    unit: Option<Unit>,
    samples: Vec<(Labels, Value)>,
}

/// Families, in their order.
#[derive(Debug, Default)]
pub(super) struct Page(Vec<Family>);

impl Page {
    /// Adds a family; one without series is left out.
    pub(super) fn add(
        &mut self,
        name: &'static str,
        unit: Option<Unit>,
        help: &'static str,
        samples: impl IntoIterator<Item = (Labels, Value)>,
    ) {
        let samples: Vec<_> = samples.into_iter().collect();
        if !samples.is_empty() {
            self.0.push(Family { name, help, unit, samples });
        }
    }

    /// OpenMetrics text.
    pub(super) fn text(self) -> String {
        let (mut registry, mut text) = (Registry::with_prefix(PREFIX), String::new());
        registry.register_collector(Box::new(self));
        // Writing to a text does not fail.
        let _ = encode(&mut text, &registry);
        text
    }
}

impl Collector for Page {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for Family { name, help, unit, samples } in &self.0 {
            let kind = samples.first().map_or(MetricType::Unknown, |(_, value)| value.kind());
            let mut family = encoder.encode_descriptor(name, help, unit.as_ref(), kind)?;
            for (labels, value) in samples {
                let mut sample = family.encode_family(labels)?;
                match value {
                    Value::Counter(count) => sample.encode_counter::<NoLabelSet, _, u64>(count, None)?,
                    Value::Gauge(number) => sample.encode_gauge(number)?,
                    Value::Histogram(histogram) => histogram.encode(sample)?,
                }
            }
        }
        Ok(())
    }
}

impl Value {
    fn kind(&self) -> MetricType {
        match self {
            Self::Counter(_) => MetricType::Counter,
            Self::Gauge(_) => MetricType::Gauge,
            Self::Histogram(_) => MetricType::Histogram,
        }
    }
}
