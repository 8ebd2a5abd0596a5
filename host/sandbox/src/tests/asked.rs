//! What a plugin is asked beside its syncers' calls, and what it may look up.

use std::collections::BTreeSet;
use std::sync::{Arc, RwLock};

use sluice_core::intent::Failure;
use sluice_core::key::{Gvk, Key, Side, Time};
use sluice_core::limits::Limits;
use sluice_core::watch::WatchEvent;
use sluice_core::watched::{Concern, Watched};

use super::fixtures::{SANDBOX, bytes, call_for, guest, object, setting};
use crate::{Component, Fault, Function, Linked, Plugin, Question};

/// Asks a plugin about a Secret or a ConfigMap of this name: where it goes, or what it concerns.
fn asked(plugin: &Plugin, name: &str) -> Result<BTreeSet<Key>, Fault> {
    let syncer = &plugin.registration().syncers[0];
    let watch = syncer.watches.first();
    let gvk = Arc::new(watch.map_or(&syncer.kind, |watch| &watch.kind).clone());
    let side = watch.map_or(Side::Physical, |watch| watch.side);
    let question = Question {
        syncer: &syncer.name,
        side,
        gvk: &gvk,
        object: object(&gvk, "target", name),
        watched: &Arc::default(),
    };
    let Some(watch) = watch else { return plugin.places(question).result };
    match plugin.concern(&watch.name, question).result? {
        Concern::Pairs(pairs) => Ok(pairs),
        Concern::All => Ok([Key::cluster("all")].into()),
    }
}

/// What a plugin that names objects comes to, whatever it is asked for.
fn names_no_more_than_it_may(plugin: &Plugin) {
    assert_eq!(asked(plugin, "spin"), Err(Fault::Fuel(400_000_000)));
    assert_eq!(asked(plugin, "trap").expect_err("an answer").reason(), "trap");
    assert_eq!(asked(plugin, "limit").map(|keys| keys.len()), Ok(10_000));
    assert_eq!(asked(plugin, "over"), Err(Fault::Keys(10_001, 10_000)));
    assert_eq!(asked(plugin, "many"), Err(Fault::Keys(100_000, 10_000)));
    // What no object is called is for others to judge.
    assert_eq!(asked(plugin, "long").map(|keys| keys.len()), Ok(1));
}

#[test]
fn hostile_mapping_names_no_more_than_it_may() {
    names_no_more_than_it_may(&guest("mapping"));
}

#[test]
fn hostile_watch_names_no_more_than_it_may() {
    let plugin = guest("watch");
    names_no_more_than_it_may(&plugin);
    assert_eq!(asked(&plugin, "all"), Ok([Key::cluster("all")].into()));
}

/// What so many objects of the first syncer's watch come to.
fn watched(plugin: &Plugin, objects: usize) -> Arc<RwLock<Watched>> {
    let watches = &plugin.registration().syncers[0].watches;
    let gvk = Gvk::new("", "v1", "ConfigMap");
    let objects = (0..objects).map(|at| object(&gvk, "default", &at.to_string())).collect();
    let mut watched = Watched::new(watches);
    watched.take(0, &WatchEvent::Reset { namespace: None, objects });
    Arc::new(RwLock::new(watched))
}

#[test]
fn hostile_lookup_finds_nothing_of_others() {
    let plugin = guest("lookup");
    let watched = watched(&plugin, 1);
    for name in ["theirs", "theirs-get", "theirs-concerning"] {
        let fault = call_for(&plugin, Function::SyncDown, ("ConfigMap", name), &watched, Time(0))
            .result
            .expect_err("an answer");
        assert_eq!(fault, Fault::Trap(r#"its syncer has no watch "theirs""#.into()), "{name}");
    }
    let fault = call_for(&plugin, Function::SyncDown, ("ConfigMap", "nobodys"), &watched, Time(0))
        .result
        .expect_err("an answer");
    assert!(fault.to_string().len() < 200, "what it looks up is told in {} bytes", fault.to_string().len());
}

#[test]
fn hostile_lookup_finds_nothing_before_it_is_called() {
    let component = Component::new(&SANDBOX, &bytes("lookup")).expect("a component");
    let setting = crate::Setting { config: r#"{"early":true}"#.into(), ..setting(Limits::default()) };
    let error = Linked::new(&SANDBOX, &component, setting).expect("it links").register().map(drop);
    let error = error.expect_err("a plugin").to_string();
    let why = "it failed while registering: it trapped: it looked something up where no syncer is called";
    assert!(error.starts_with(why), "{error}");
}

#[test]
fn hostile_lookup_is_bounded_however_much_there_is() {
    let plugin = guest("lookup");
    let watched = watched(&plugin, 100_000);
    let call = |name: &str| call_for(&plugin, Function::SyncDown, ("ConfigMap", name), &watched, Time(0)).result;
    assert_eq!(call("some"), Ok(Err(Failure::Permanent("4000 objects".into()))));
    // What it holds is counted, and what it lets go again has had its price.
    for name in ["all", "keep"] {
        assert_eq!(call(name), Err(Fault::Trap("resource table has no free keys".into())), "{name}");
    }
    for name in ["forever", "forever-none", "forever-nowhere"] {
        let fault = call(name).expect_err("an answer");
        assert!(matches!(fault, Fault::Reads(_) | Fault::Fuel(_)), "{name}: {fault}");
    }
}
