use serde_json::{Value, json};
use sluice_admin::Seen;
use sluice_core::key::Time;
use sluice_core::quarantine::Aside;
use sluice_core::queue::Since;
use sluice_core::reconciler::{Origin, Reconciler};
use sluice_core::syncer::Syncer;
use sluice_core::translate::Translator;
use sluice_core::watch::WatchEvent;
use sluice_core::write::WriteError;
use sluice_sandbox::Cost;

use super::*;
use crate::syncer::now;

fn syncer(name: &str) -> Arc<Syncer> {
    let kind = json!({ "group": "example.com", "version": "v1", "kind": "Car" });
    let registered = serde_json::from_value(json!({ "name": name, "kind": kind })).expect("a syncer");
    Arc::new(Syncer::new(registered, "p", Arc::new(Translator::new("vc", "ns").expect("names"))))
}

fn identity() -> Identity {
    Identity { version: "0.1.0".into(), digest: "ab".into(), origin: "p.wasm".into() }
}

/// The lines of the page that are about this.
fn lines(metrics: &Metrics, about: &str) -> Vec<String> {
    let page = metrics.metrics();
    assert!(page.ends_with("# EOF\n"), "{page}");
    page.lines().filter(|line| line.starts_with(about)).map(ToOwned::to_owned).collect()
}

#[test]
fn what_is_counted_is_on_the_page_and_in_the_totals() {
    let metrics = Metrics::default();
    let plugin = metrics.plugin("p");
    plugin.begins(identity(), &[syncer("cars")]);
    let cars = plugin.syncer(&syncer("cars"));
    let calling = plugin.call("sync");
    assert_eq!(lines(&metrics, "sluice_guest_instances{"), ["sluice_guest_instances{plugin=\"p\"} 1.0"]);
    calling.ended(Cost { fuel: 300, memory: 2 << 20 });
    drop(plugin.call("init"));
    plugin.wrote(Side::Virtual, "apply");
    plugin.failure("denied");
    cars.wrote(Side::Physical, "create", Since { ready: now(), asked: now() });
    cars.wrote(Side::Virtual, "create", Since { ready: now(), asked: Time(0) });
    cars.failure("conflict");
    plugin.answered(Side::Physical, Duration::from_millis(3), &Ok(()));
    plugin.answered(Side::Physical, Duration::ZERO, &Err::<(), _>(WriteError::NotLeading));

    assert_eq!(lines(&metrics, "sluice_guest_instances{"), ["sluice_guest_instances{plugin=\"p\"} 0.0"]);
    assert_eq!(lines(&metrics, "sluice_fuel_total"), ["sluice_fuel_total{plugin=\"p\"} 300"]);
    assert_eq!(
        lines(&metrics, "sluice_guest_memory_bytes_sum"),
        ["sluice_guest_memory_bytes_sum{plugin=\"p\"} 2097152.0"]
    );
    let calls = lines(&metrics, "sluice_call_duration_seconds_count");
    assert_eq!(
        calls,
        ["init", "sync"]
            .map(|word| format!("sluice_call_duration_seconds_count{{plugin=\"p\",function=\"{word}\"}} 1"))
    );
    assert_eq!(
        lines(&metrics, "sluice_writes_total"),
        [
            r#"sluice_writes_total{plugin="p",syncer="",side="virtual",verb="apply"} 1"#,
            r#"sluice_writes_total{plugin="p",syncer="cars",side="virtual",verb="create"} 1"#,
            r#"sluice_writes_total{plugin="p",syncer="cars",side="physical",verb="create"} 1"#,
        ]
    );
    assert_eq!(
        lines(&metrics, "sluice_failures_total"),
        [
            r#"sluice_failures_total{plugin="p",syncer="",reason="denied"} 1"#,
            r#"sluice_failures_total{plugin="p",syncer="cars",reason="conflict"} 1"#,
        ]
    );
    let lag = lines(&metrics, "sluice_lag_seconds_bucket");
    assert_eq!(lag.last().expect("buckets"), r#"sluice_lag_seconds_bucket{le="+Inf",plugin="p",syncer="cars"} 2"#);
    assert_eq!(lag[lag.len() - 2], r#"sluice_lag_seconds_bucket{le="300.0",plugin="p",syncer="cars"} 1"#);
    let write = lines(&metrics, "sluice_write_duration_seconds_count");
    assert_eq!(write[1], r#"sluice_write_duration_seconds_count{side="physical"} 1"#);
    let counts = Counts {
        calls: 2,
        fuel: 300,
        writes: [("apply", 1), ("create", 2)].into(),
        failures: [("denied", 1), ("conflict", 1)].into(),
    };
    assert_eq!(plugin.counts(), counts);

    // Another version without this syncer: what was counted stays, without its name.
    plugin.begins(identity(), &[syncer("bikes")]);
    assert_eq!(plugin.counts(), counts);
    assert!(lines(&metrics, "sluice_failures_total").iter().all(|line| line.contains(r#"syncer="""#)));
    metrics.forget("p");
    assert_eq!(lines(&metrics, "sluice_fuel_total"), Vec::<String>::new());
}

#[test]
fn a_replica_is_ready_once_its_watches_have_listed_or_wait() {
    let metrics = Metrics::default();
    let said = || metrics.ready().into_iter().map(|check| check.said.is_ok()).collect::<Vec<_>>();
    assert_eq!(said(), [false]);
    metrics.keeps("vc", "ns", || false);
    let plugin = metrics.plugin("p");
    plugin.begins(identity(), &[syncer("cars")]);
    let cars = plugin.syncer(&syncer("cars"));
    metrics.loaded();
    assert_eq!(said(), [true, true, false]);
    assert_eq!(metrics.ready()[1].said, Ok("this replica stands by, and does not write".into()));
    cars.waits("physical example.com/v1 Car is not served");
    assert_eq!(said(), [true, true, true]);
    cars.begins();
    assert_eq!(said(), [true, true, false]);

    let mut reconciler = Reconciler::new(syncer("cars"), true, 2);
    for side in Side::BOTH {
        cars.stands(&reconciler);
        assert_eq!(said(), [true, true, false]);
        reconciler.observe(Origin::Half(side), WatchEvent::Reset { namespace: None, objects: vec![] });
    }
    cars.stands(&reconciler);
    assert_eq!(said(), [true, true, true]);
    assert_eq!(lines(&metrics, "sluice_leader"), [r#"sluice_leader{virtual_cluster="vc"} 0.0"#]);
}

#[test]
fn of_all_watches_of_a_kind_the_most_silent_counts() {
    let metrics = Metrics::default();
    let plugin = metrics.plugin("p");
    plugin.begins(identity(), &[syncer("cars")]);
    let cars = plugin.syncer(&syncer("cars"));
    let heard = || lines(&metrics, "sluice_watch_heard_timestamp_seconds");
    let [one, other, below] =
        [Side::Virtual, Side::Virtual, Side::Physical].map(|side| cars.ear(side, syncer("cars").gvk()));
    assert_eq!(heard(), Vec::<String>::new(), "none has heard anything");
    one.hears();
    let first = heard();
    assert!(first.len() == 1 && first[0].contains(r#"syncer="cars",side="virtual",kind="example.com/v1 Car"} 1"#));
    let began = now();
    while now() == began {}
    other.hears();
    assert_eq!(heard(), first);
    below.hears();
    assert_eq!(heard().len(), 2);
    assert!(heard()[1].contains(r#"side="physical""#));

    cars.waits("physical example.com/v1 Car is not served");
    one.hears();
    assert_eq!(heard(), Vec::<String>::new(), "they have ended");
}

#[test]
fn the_state_says_how_a_plugin_stands() {
    let metrics = Metrics::default();
    metrics.keeps("vc", "ns", || true);
    let plugin = metrics.plugin("p");
    let state = || serde_json::to_value(metrics.state()).expect("JSON")["plugins"][0].clone();
    plugin.refused(Some("grants"));
    assert_eq!(state()["state"], json!({ "is": "failed", "why": "grants" }));
    metrics.refused(&[]);
    assert_eq!(state(), Value::Null, "it never ran, and is not offered any more");
    let plugin = metrics.plugin("p");
    plugin.begins(identity(), &[syncer("cars")]);
    plugin.syncer(&syncer("cars"));
    assert_eq!(state()["state"], json!({ "is": "starting" }));
    plugin.stuck("trap");
    assert_eq!(state()["state"], json!({ "is": "failed", "why": "trap" }));
    plugin.runs(true);
    plugin.refused(Some("digest"));
    assert_eq!((&state()["state"], &state()["refused"]), (&json!({ "is": "running" }), &json!("digest")));
    assert_eq!((&state()["version"], &state()["digest"]), (&json!("0.1.0"), &json!("sha256:ab")));
    plugin.aside(Aside { failures: 20, pause: 60_000 }, "trap");
    let aside = state()["state"].clone();
    assert_eq!((&aside["is"], &aside["failures"], &aside["why"]), (&json!("quarantined"), &json!(20), &json!("trap")));
    assert!(aside["since"].as_str() < aside["until"].as_str(), "{aside}");
    assert_eq!(lines(&metrics, "sluice_plugin_quarantined{"), [r#"sluice_plugin_quarantined{plugin="p"} 1.0"#]);
    plugin.released();
    assert_eq!(state()["state"], json!({ "is": "running" }));
    let cars = state()["syncers"][0].clone();
    assert_eq!((&cars["kind"], &cars["state"]), (&json!("example.com/v1 Car"), &json!({ "is": "starting" })));
}

#[test]
fn a_version_that_is_none_is_not_shown() {
    let metrics = Metrics::default();
    for (version, shown) in [("1.2.3-rc.1+a", "1.2.3-rc.1+a"), ("hunter2 is the password", ""), (&"1".repeat(65), "")] {
        metrics.plugin("p").begins(Identity { version: version.into(), ..identity() }, &[]);
        assert_eq!(metrics.state().plugins[0].version, shown);
    }
}
