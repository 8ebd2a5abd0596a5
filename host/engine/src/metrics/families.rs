//! Every metric that there is, with its name, its labels and its meaning.

use std::iter::once;
use std::sync::Arc;

use prometheus_client::registry::Unit::{Bytes, Seconds};
use sluice_admin::state::Step;
use sluice_core::key::Side;

use super::page::{Labels, Page, Value};
use super::plugin::PluginMeter;
use super::syncer::{SyncerMeter, Turn};
use super::{Metrics, read, seconds};

impl Metrics {
    /// OpenMetrics text.
    pub(super) fn page(&self) -> String {
        let (mut page, plugins) = (Page::default(), self.all());
        self.of_the_process(&mut page);
        of_plugins(&mut page, &plugins);
        of_deeds(&mut page, &plugins);
        of_syncers(&mut page, &plugins);
        page.text()
    }

    fn of_the_process(&self, page: &mut Page) {
        let version = vec![("version", env!("CARGO_PKG_VERSION").to_owned())];
        page.add("build_info", None, "Which runtime this is.", once((version, Value::Gauge(1.0))));
        let clusters = read(&self.clusters);
        let leads = clusters.iter().map(|kept| (vec![("virtual_cluster", kept.name.clone())], is((kept.leads)())));
        page.add("leader", None, "Whether this replica writes to the virtual cluster; if not, it stands by.", leads);
        let compiled = self.compiled.get().map(|bytes| (vec![], Value::Gauge(bytes() as f64)));
        page.add("compiled", Some(Bytes), "Compiled plugins that are kept.", compiled);
        let writes =
            Side::BOTH.map(|side| (vec![side_label(side)], Value::Histogram(self.took[side as usize].clone())));
        page.add("write_duration", Some(Seconds), "How long the API server of a side took for a write.", writes);
    }
}

fn of_plugins(page: &mut Page, plugins: &[Arc<PluginMeter>]) {
    let each = |value: fn(&PluginMeter) -> Value| plugins.iter().map(move |plugin| (plugin.labels(), value(plugin)));
    let info = plugins.iter().filter_map(|plugin| {
        let identity = read(&plugin.standing).identity.clone()?;
        let more = [("version", identity.version), ("digest", format!("sha256:{}", identity.digest))];
        Some(([plugin.labels(), more.into()].concat(), Value::Gauge(1.0)))
    });
    page.add("plugin_info", None, "Which component a plugin is.", info);
    let runs = each(|plugin| is(read(&plugin.standing).runs));
    page.add("plugin_running", None, "Whether its syncers may work, as far as it has to say.", runs);
    let aside = each(|plugin| is(read(&plugin.standing).aside.is_some()));
    page.add("plugin_quarantined", None, "Whether it is not called, because its calls kept failing.", aside);
    let failed = each(|plugin| is(read(&plugin.standing).failed().is_some()));
    page.add("plugin_failed", None, "Whether it does not start, or what was offered last does not run.", failed);
    let swaps = plugins.iter().flat_map(|plugin| {
        let with = |result: &str| [plugin.labels(), vec![("result", result.to_owned())]].concat();
        plugin.swaps.read().into_iter().map(move |(result, count)| (with(result), Value::Counter(count)))
    });
    page.add("plugin_swaps", None, "Other versions of it that were to run, by what became of that.", swaps);

    let calls = plugins.iter().flat_map(|plugin| {
        let with = |function: &str| [plugin.labels(), vec![("function", function.to_owned())]].concat();
        let calls: Vec<_> = read(&plugin.calls).iter().map(|(function, took)| (with(function), took.clone())).collect();
        calls.into_iter().map(|(labels, took)| (labels, Value::Histogram(took)))
    });
    page.add("call_duration", Some(Seconds), "How long guest calls took, by function.", calls);
    let fuel = each(|plugin| Value::Counter(plugin.fuel.get()));
    page.add("fuel", None, "Fuel that guest calls used: about one unit for an instruction.", fuel);
    let memory = each(|plugin| Value::Histogram(plugin.memory.clone()));
    page.add("guest_memory", Some(Bytes), "The most that a guest call held.", memory);
    let instances = each(|plugin| Value::Gauge(plugin.instances.get() as f64));
    page.add("guest_instances", None, "Guest instances that compute now.", instances);
}

/// What was done and what failed. Where that is no syncer's, that label is empty.
fn of_deeds(page: &mut Page, plugins: &[Arc<PluginMeter>]) {
    let (mut writes, mut failures) = (vec![], vec![]);
    for plugin in plugins {
        let syncers = read(&plugin.syncers);
        let own = once((plugin.labels_of(""), &plugin.deeds));
        for (labels, deeds) in own.chain(syncers.values().map(|syncer| (plugin.labels_of(&syncer.name), &syncer.deeds)))
        {
            let with = |more: Labels| [labels.clone(), more].concat();
            for ((side, verb), count) in deeds.writes.read() {
                writes.push((with(vec![side_label(side), ("verb", verb.into())]), Value::Counter(count)));
            }
            for (reason, count) in deeds.failures.read() {
                failures.push((with(vec![("reason", reason.into())]), Value::Counter(count)));
            }
        }
    }
    page.add("writes", None, "Writes that API servers took.", writes);
    page.add("failures", None, "What failed, by reason.", failures);
}

fn of_syncers(page: &mut Page, plugins: &[Arc<PluginMeter>]) {
    let syncers: Vec<(Labels, Arc<SyncerMeter>, Turn)> = plugins
        .iter()
        .flat_map(|plugin| {
            let of = |meter: &Arc<SyncerMeter>| (plugin.labels_of(&meter.name), Arc::clone(meter), meter.turn());
            read(&plugin.syncers).values().map(of).collect::<Vec<_>>()
        })
        .collect();
    let each = |value: fn(&SyncerMeter, &Turn) -> Value| {
        syncers.iter().map(move |(labels, meter, turn)| (labels.clone(), value(meter, turn)))
    };
    let by = |label: &'static str, values: fn(&Turn) -> Vec<(String, usize)>| {
        syncers.iter().flat_map(move |(labels, _, turn)| {
            let with = |word| [labels.clone(), vec![(label, word)]].concat();
            values(turn).into_iter().map(move |(word, count)| (with(word), Value::Gauge(count as f64)))
        })
    };
    let synced = each(|_, turn| is(turn.step == Step::Synced));
    page.add("syncer_synced", None, "Whether its watches have said what there is, and go on.", synced);
    let heard = syncers.iter().flat_map(|(labels, meter, _)| {
        let with = |side, kind| [labels.clone(), vec![side_label(side), ("kind", kind)]].concat();
        let heard = meter.ears.heard().into_iter();
        heard.map(move |((side, kind), at)| (with(side, kind), Value::Gauge(seconds(at.0))))
    });
    let help = "When its watches of a kind last heard anything, bookmarks too, in seconds since 1970.";
    page.add("watch_heard_timestamp", Some(Seconds), help, heard);
    let objects = by("side", |turn| {
        let (above, below) = turn.objects;
        vec![(Side::Virtual.to_string(), above), (Side::Physical.to_string(), below)]
    });
    page.add("objects", None, "Objects that a syncer knows.", objects);
    let keys = by("state", |turn| {
        vec![("ready".into(), turn.depth.ready), ("held".into(), turn.depth.held), ("later".into(), turn.depth.later)]
    });
    page.add("queue_keys", None, "Keys that can be worked on, are worked on, and wait for their time.", keys);
    let oldest = each(|_, turn| Value::Gauge(seconds(turn.oldest())));
    page.add("queue_oldest", Some(Seconds), "For how long the oldest key that can be worked on has not been.", oldest);
    let waited = each(|meter, _| Value::Histogram(meter.waited.clone()));
    page.add("queue_wait", Some(Seconds), "How long keys that could be worked on were not.", waited);
    let lag = each(|meter, _| Value::Histogram(meter.lag.clone()));
    page.add("lag", Some(Seconds), "From what a watch showed to the answer to a write that it led to.", lag);
}

impl PluginMeter {
    fn labels(&self) -> Labels {
        vec![("plugin", self.name.clone())]
    }

    fn labels_of(&self, syncer: &str) -> Labels {
        vec![("plugin", self.name.clone()), ("syncer", syncer.to_owned())]
    }
}

fn side_label(side: Side) -> (&'static str, String) {
    ("side", side.to_string())
}

fn is(so: bool) -> Value {
    Value::Gauge(if so { 1.0 } else { 0.0 })
}
