//! What a copy that was just made leads to.

use serde_json::{Value, json};

use super::*;
use crate::grants::Grants;
use crate::intent::{Body, Intent};
use crate::limits::Limits;
use crate::plan::{Rules, plan};
use crate::registration;
use crate::translate::Translator;
use crate::watched::Concern;
use crate::write::Write;

const NOW: Time = Time(1);

fn syncer(finalizers: bool) -> Arc<Syncer> {
    let kind = json!({ "group": "example.com", "version": "v1", "kind": "Car" });
    let registered: registration::Syncer =
        serde_json::from_value(json!({ "name": "s", "kind": kind, "finalizers": finalizers })).unwrap();
    Arc::new(Syncer::new(registered, "p", Arc::new(Translator::new("vc", "ns").unwrap())))
}

fn object(syncer: &Syncer, mut json: Value, name: &str, namespace: &str) -> Arc<Object> {
    let metadata = json!({ "name": name, "namespace": namespace, "uid": name, "resourceVersion": "1" });
    for (key, value) in metadata.as_object().unwrap() {
        json["metadata"][key] = value.clone();
    }
    Arc::new(Object::parse(syncer.gvk(), &json.to_string()).unwrap())
}

/// Makes the copy of this virtual object, which its API server gives this status; tells what is to be done then.
fn after_the_copy_was_made(finalizers: bool, virtual_: Value, status: Value) -> Option<Step> {
    let syncer = syncer(finalizers);
    let mut reconciler = Reconciler::new(Arc::clone(&syncer), true, 2);
    let reset = |objects| WatchEvent::Reset { namespace: None, objects };
    let virtual_ = object(&syncer, virtual_, "a", "d");
    reconciler.observe(Origin::Half(Side::Virtual), reset(vec![virtual_]));
    reconciler.observe(Origin::Half(Side::Physical), reset(vec![]));

    let Work { pair, step, .. } = reconciler.next(NOW).unwrap();
    assert_eq!(step, Step::SyncDown);
    let rules = Rules { grants: &Grants::default(), limits: &Limits::default(), manager: "p", watched: None };
    let intents = [Intent::Desire(Side::Physical, Body::MergePatch("{}".into()))];
    let write = plan(rules, &syncer, &pair, &intents).unwrap().writes.remove(0);
    let Write::Create { body, .. } = &write else { panic!("{write:?}") };
    let mut stored = body.clone();
    stored["status"] = status;
    let copy = object(&syncer, stored, "a-x-d-x-vc", "ns");
    let settled = write.is_settled_by(&copy);
    let effects = vec![Effect::Stored { side: Side::Physical, object: Arc::clone(&copy), settled }];
    reconciler.finish(pair, Outcome::Done { effects, requeue: None }, NOW);
    reconciler.observe(Origin::Half(Side::Physical), WatchEvent::Applied(copy));
    reconciler.next(NOW).map(|work| work.step)
}

#[test]
fn a_copy_that_was_just_made_is_looked_at_again_where_it_owes_something() {
    let plain = || json!({ "metadata": {}, "spec": {} });
    let held = || json!({ "metadata": { "finalizers": ["example.com/hold"] } });
    let parked = || json!({ "metadata": {}, "status": { "at": "home" } });
    for (finalizers, virtual_, status, step) in [
        (true, plain(), Value::Null, None),
        (true, plain(), json!({}), None),
        (true, held(), Value::Null, Some(Step::Finalizers)),
        (false, held(), Value::Null, None),
        // What its API server says of a new one, and what was said of one before.
        (false, plain(), json!({ "phase": "Pending" }), Some(Step::Sync)),
        (false, parked(), Value::Null, Some(Step::Sync)),
        (false, parked(), json!({ "at": "home" }), None),
    ] {
        let told = format!("{finalizers} {virtual_} {status}");
        assert_eq!(after_the_copy_was_made(finalizers, virtual_, status), step, "{told}");
    }
}

#[test]
fn what_another_object_concerns_is_looked_at_though_it_rests() {
    let kind = json!({ "group": "example.com", "version": "v1", "kind": "Car" });
    let watch = json!({ "name": "w", "side": "virtual", "kind": kind });
    let registered = serde_json::from_value(json!({ "name": "s", "kind": kind, "watches": [watch] })).unwrap();
    let syncer = Arc::new(Syncer::new(registered, "p", Arc::new(Translator::new("vc", "ns").unwrap())));
    let mut reconciler = Reconciler::new(Arc::clone(&syncer), true, 3);
    let reset = |objects| WatchEvent::Reset { namespace: None, objects };
    reconciler.observe(Origin::Half(Side::Virtual), reset(vec![object(&syncer, json!({}), "a", "d")]));
    reconciler.observe(Origin::Half(Side::Physical), reset(vec![]));
    assert!(!reconciler.is_synced(), "the watch has not listed");
    let filed = |listed, pairs: &[&str]| Filed {
        watch: 0,
        listed,
        names: vec![],
        concern: Concern::Pairs(pairs.iter().map(|name| Key::namespaced("d", name)).collect()),
    };
    reconciler.observe_watched(filed(Some(None), &[]));
    let done = || Outcome::Done { effects: vec![], requeue: None };
    let work = reconciler.next(NOW).unwrap();
    // It happens while the pair is under way, and once more when it rests.
    reconciler.observe_watched(filed(None, &["a"]));
    assert!(reconciler.next(NOW).is_none());
    reconciler.finish(work.pair, done(), NOW);
    let work = reconciler.next(NOW).unwrap();
    reconciler.finish(work.pair, done(), NOW);
    assert!(reconciler.next(NOW).is_none());
    reconciler.observe_watched(filed(None, &["a", "nobody"]));
    let work = reconciler.next(NOW).unwrap();
    reconciler.finish(work.pair, done(), NOW);
    assert!(reconciler.next(NOW).is_none());
    assert!(!reconciler.memory.contains_key(&Key::namespaced("d", "nobody")), "nothing is remembered of nothing");
}

#[test]
fn work_says_since_when_it_waits() {
    let syncer = syncer(false);
    let mut reconciler = Reconciler::new(Arc::clone(&syncer), true, 2);
    let reset = |objects| WatchEvent::Reset { namespace: None, objects };
    reconciler.pass(Time(1_000));
    reconciler.observe(Origin::Half(Side::Virtual), reset(vec![object(&syncer, json!({}), "a", "d")]));
    reconciler.pass(Time(2_000));
    reconciler.observe(Origin::Half(Side::Physical), reset(vec![]));
    assert_eq!(reconciler.depth().oldest, Some(Time(1_000)));
    let Work { pair, since, .. } = reconciler.next(Time(3_000)).unwrap();
    assert_eq!(since, Since { ready: Time(1_000), asked: Time(1_000) });
    assert_eq!(reconciler.depth(), Depth { held: 1, ..Depth::default() });
    // It fails, and is tried again after its backoff.
    reconciler.finish(pair, Outcome::Failed { effects: vec![], after: Some(500) }, Time(4_000));
    assert_eq!(reconciler.depth(), Depth { later: 1, oldest: Some(Time(4_500)), ..Depth::default() });
    let Work { since, .. } = reconciler.next(Time(5_000)).unwrap();
    assert_eq!(since, Since { ready: Time(4_500), asked: Time(1_000) });
}
