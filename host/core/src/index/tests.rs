//! Which two objects are a pair, and whose copies they are.

use serde_json::{Value, json};

use super::*;
use crate::key::Gvk;
use crate::pair::{Reason, Step};
use crate::translate::Translator;

/// The syncer `p/s` of Secrets for the virtual cluster `vc` in `ns`.
fn syncer(more: Value) -> Syncer {
    let mut registered = json!({ "name": "s", "kind": { "group": "", "version": "v1", "kind": "Secret" } });
    registered.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Syncer::new(serde_json::from_value(registered).unwrap(), "p", Arc::new(Translator::new("vc", "ns").unwrap()))
}

fn up() -> Syncer {
    syncer(json!({ "direction": "up", "names": { "annotation": "import" } }))
}

fn index(syncer: Syncer) -> Index {
    Index::new(Arc::new(syncer), true)
}

fn object(metadata: Value) -> Arc<Object> {
    let text = json!({ "metadata": metadata }).to_string();
    Arc::new(Object::parse(&Gvk::new("", "v1", "Secret"), &text).unwrap())
}

fn source(name: &str, uid: &str, import: &str) -> Arc<Object> {
    object(json!({ "name": name, "namespace": "ns", "uid": uid, "annotations": { "import": import } }))
}

/// A virtual Secret that says it was brought up from `ns/<from>` by this syncer.
fn brought(key: &str, from: &str, uid: &str, by: &str) -> Arc<Object> {
    let (namespace, name) = key.split_once('/').unwrap();
    let annotations = json!({ "vcluster.loft.sh/object-imported": "true", "vcluster.loft.sh/object-host-name": from,
        "vcluster.loft.sh/object-host-namespace": "ns", "vcluster.loft.sh/object-uid": uid,
        "vcluster.loft.sh/object-kind": "/v1, Kind=Secret", "vcluster.loft.sh/object-syncer": by });
    object(json!({ "name": name, "namespace": namespace, "uid": "v", "annotations": annotations }))
}

/// The copy of virtual `d/a` with this uid.
fn copy(uid: &str, by: &str) -> Arc<Object> {
    let annotations = json!({ "vcluster.loft.sh/object-name": "a", "vcluster.loft.sh/object-namespace": "d",
        "vcluster.loft.sh/object-uid": uid, "vcluster.loft.sh/object-syncer": by });
    let labels = json!({ "vcluster.loft.sh/managed-by": "vc", "vcluster.loft.sh/namespace": "d" });
    object(json!({ "name": "a-x-d-x-vc", "namespace": "ns", "uid": "c", "annotations": annotations, "labels": labels }))
}

impl Index {
    fn see(&mut self, side: Side, object: Arc<Object>) -> Vec<String> {
        self.observe(side, WatchEvent::Applied(object)).iter().map(ToString::to_string).collect()
    }

    fn lose(&mut self, side: Side, object: Arc<Object>) -> Vec<String> {
        self.observe(side, WatchEvent::Deleted(object)).iter().map(ToString::to_string).collect()
    }

    fn step(&self, key: &str) -> Step {
        let (namespace, name) = key.split_once('/').unwrap();
        let (pair, place) = self.pair(&Key::namespaced(namespace, name));
        pair.step(&self.syncer, &place)
    }
}

#[test]
fn what_is_brought_up_follows_its_source() {
    let mut index = index(up());
    assert_eq!(index.see(Side::Physical, source("a", "1", "d/x")), ["d/x"]);
    assert_eq!(index.step("d/x"), Step::SyncUp);
    assert_eq!(index.see(Side::Virtual, brought("d/x", "a", "1", "p/s")), ["d/x"]);
    assert_eq!(index.step("d/x"), Step::Sync);
    // Sent elsewhere: what stood there is left over, and removed.
    assert_eq!(index.see(Side::Physical, source("a", "1", "e/y")), ["d/x", "e/y"]);
    assert_eq!((index.step("d/x"), index.step("e/y")), (Step::SyncDown, Step::SyncUp));
    // The annotation goes, or the source itself.
    assert_eq!(index.see(Side::Physical, object(json!({ "name": "a", "namespace": "ns", "uid": "1" }))), ["e/y"]);
    assert_eq!(index.step("e/y"), Step::Rest);
    index.see(Side::Physical, source("a", "1", "d/x"));
    assert_eq!(index.lose(Side::Physical, source("a", "1", "d/x")), ["d/x"]);
    assert_eq!(index.step("d/x"), Step::SyncDown);
    // Another of the same name is another.
    index.see(Side::Physical, source("a", "2", "d/x"));
    assert_eq!(index.step("d/x"), Step::Delete(Reason::Replaced));
}

#[test]
fn of_two_that_want_one_place_the_first_has_it_until_it_goes() {
    let mut index = index(up());
    index.see(Side::Physical, source("b", "2", "d/x"));
    index.see(Side::Virtual, brought("d/x", "b", "2", "p/s"));
    index.see(Side::Physical, source("a", "1", "d/x"));
    assert_eq!(index.step("d/x"), Step::Sync);
    index.lose(Side::Physical, source("b", "2", "d/x"));
    assert_eq!(index.step("d/x"), Step::SyncDown, "what is left of the first is removed");
    index.lose(Side::Virtual, brought("d/x", "b", "2", "p/s"));
    assert_eq!(index.step("d/x"), Step::SyncUp);
}

#[test]
fn a_source_that_is_going_leaves_its_place_to_one_that_stays() {
    let mut index = index(up());
    index.see(Side::Physical, source("b", "2", "d/x"));
    let mut going = (*source("a", "1", "d/x")).clone();
    going.deleting = true;
    index.see(Side::Physical, Arc::new(going));
    index.see(Side::Virtual, brought("d/x", "a", "1", "p/s"));
    assert_eq!(index.step("d/x"), Step::Delete(Reason::Deleting));
    index.lose(Side::Virtual, brought("d/x", "a", "1", "p/s"));
    assert_eq!(index.step("d/x"), Step::SyncUp);
}

#[test]
fn strangers_and_others_above_are_left_alone() {
    let mut index = index(up().beside(["q/s".into()].into()));
    index.see(Side::Virtual, object(json!({ "name": "x", "namespace": "d", "uid": "v" })));
    index.see(Side::Virtual, brought("d/y", "b", "2", "q/s"));
    assert_eq!((index.step("d/x"), index.step("d/y")), (Step::Rest, Step::Rest));
    index.see(Side::Physical, source("a", "1", "d/x"));
    index.see(Side::Physical, source("b", "2", "d/y"));
    assert_eq!((index.step("d/x"), index.step("d/y")), (Step::Blocked, Step::Rest));
}

#[test]
fn a_copy_is_no_source() {
    let mut index = index(up());
    let mut metadata = json!({ "name": "a", "namespace": "ns", "uid": "1", "annotations": { "import": "d/x" } });
    metadata["labels"] = json!({ "vcluster.loft.sh/managed-by": "another" });
    assert_eq!(index.see(Side::Physical, object(metadata)), [""; 0]);
    let mut index = self::index(syncer(json!({})));
    let same = brought("d/a", "a", "1", "p/up");
    assert_eq!(index.see(Side::Virtual, same), [""; 0], "what the plugin brought up it does not send down");
    assert_eq!(index.see(Side::Virtual, brought("d/a", "a", "1", "q/up")), ["d/a"]);
    assert_eq!(index.step("d/a"), Step::SyncDown);
}

#[test]
fn a_copy_is_left_to_the_syncer_that_keeps_it() {
    let selecting = |others: &[&str]| {
        let syncer = syncer(json!({ "select": { "labels": "team=a" } }));
        let mut index = index(syncer.beside(others.iter().map(|&mark| mark.to_owned()).collect()));
        index.see(Side::Virtual, object(json!({ "name": "a", "namespace": "d", "uid": "1" })));
        index
    };
    for (by, others, with_source, without) in [
        ("p/s", &[][..], Step::Sync, Step::SyncUp),
        ("q/s", &["q/s"], Step::Rest, Step::Rest),
        // Of a plugin that is no more: taken over, but not removed by one that may not have known it.
        ("q/s", &[], Step::Sync, Step::Rest),
        ("", &[], Step::Sync, Step::Rest),
    ] {
        let mut index = selecting(others);
        index.see(Side::Physical, copy("1", by));
        assert_eq!(index.step("d/a"), with_source, "{by} among {others:?}");
        index.lose(Side::Virtual, object(json!({ "name": "a", "namespace": "d", "uid": "1" })));
        assert_eq!(index.step("d/a"), without, "{by} among {others:?}, without its source");
    }
    let mut all = index(syncer(json!({})));
    all.see(Side::Physical, copy("1", "q/s"));
    assert_eq!(all.step("d/a"), Step::SyncUp, "who takes all takes what others left");
}

#[test]
fn only_what_is_named_is_copied() {
    let kind = json!({ "group": "networking.k8s.io", "version": "v1", "kind": "Ingress" });
    let mut index = index(syncer(json!({ "references": [{ "kind": kind, "paths": ["/spec/secret"] }] })));
    index.see(Side::Virtual, object(json!({ "name": "a", "namespace": "d", "uid": "1" })));
    assert_eq!(index.step("d/a"), Step::Rest);
    let ingress = json!({ "metadata": { "name": "i", "namespace": "d" }, "spec": { "secret": "a" } }).to_string();
    let ingress = Arc::new(Object::parse(&Gvk::new("networking.k8s.io", "v1", "Ingress"), &ingress).unwrap());
    let concerned = index.observe_reference(0, &WatchEvent::Applied(Arc::clone(&ingress)));
    assert_eq!(concerned, BTreeSet::from([Key::namespaced("d", "a")]));
    assert_eq!(index.step("d/a"), Step::SyncDown);
    index.see(Side::Physical, copy("1", "p/s"));
    assert_eq!(index.step("d/a"), Step::Sync);
    index.observe_reference(0, &WatchEvent::Deleted(ingress));
    assert_eq!(index.step("d/a"), Step::SyncUp, "what nobody names any more is removed");
}

#[test]
fn what_has_own_names_goes_to_as_many_places_as_the_plugin_says() {
    let mut index = index(syncer(json!({ "direction": "up", "names": "own" })));
    let mut map = |places: Option<&[&str]>| -> Vec<String> {
        let key = |place: &&str| match place.split_once('/') {
            Some((namespace, name)) => Key::namespaced(namespace, name),
            None => Key::cluster(place),
        };
        let said = places.map(|places| (Key::namespaced("ns", "a"), places.iter().map(key).collect()));
        let event = WatchEvent::Applied(source("a", "1", ""));
        let concerned = index.observe_mapped(Side::Physical, event, &said.into_iter().collect());
        concerned.iter().map(ToString::to_string).collect()
    };
    assert_eq!(map(None), [""; 0], "nothing is said yet");
    assert_eq!(map(Some(&["d/x", "e/x", "no-namespace"])), ["d/x", "e/x"]);
    assert_eq!(map(None), ["d/x", "e/x"], "what was said last stays");
    assert_eq!(map(Some(&["e/x", "f/x"])), ["d/x", "e/x", "f/x"]);
    assert_eq!((index.step("d/x"), index.step("e/x"), index.step("f/x")), (Step::Rest, Step::SyncUp, Step::SyncUp));
    for place in ["e/x", "f/x"] {
        index.see(Side::Virtual, brought(place, "a", "1", "p/s"));
    }
    assert_eq!((index.step("e/x"), index.step("f/x")), (Step::Sync, Step::Sync));
    assert_eq!(index.lose(Side::Physical, source("a", "1", "")), ["e/x", "f/x"]);
    assert_eq!((index.step("e/x"), index.step("f/x")), (Step::SyncDown, Step::SyncDown));
}

fn filed(object: &str, pairs: &[&str]) -> Filed {
    let pairs: BTreeSet<_> = pairs.iter().map(|name| Key::namespaced("d", name)).collect();
    let names = vec![(Key::namespaced("d", object), pairs.clone())];
    Filed { watch: 0, listed: None, names, concern: Concern::Pairs(pairs) }
}

#[test]
fn only_what_a_selecting_watch_concerns_is_copied() {
    let kind = json!({ "group": "", "version": "v1", "kind": "Pod" });
    let watching = |selects: bool| {
        let watch = json!({ "name": "pods", "side": "virtual", "kind": kind, "selects": selects });
        let mut index = index(syncer(json!({ "watches": [watch] })));
        index.see(Side::Virtual, object(json!({ "name": "a", "namespace": "d", "uid": "1" })));
        index
    };
    assert_eq!(watching(false).step("d/a"), Step::SyncDown);
    let mut index = watching(true);
    assert_eq!(index.step("d/a"), Step::Rest);
    assert_eq!(index.observe_watched(filed("pod", &["a"])), BTreeSet::from([Key::namespaced("d", "a")]));
    assert_eq!(index.step("d/a"), Step::SyncDown);
    index.observe_watched(filed("pod", &[]));
    assert_eq!(index.step("d/a"), Step::Rest);
    let all = Filed { concern: Concern::All, ..filed("pod", &[]) };
    assert_eq!(index.observe_watched(all.clone()), BTreeSet::from([Key::namespaced("d", "a")]));
    // All pairs are those without a source, too.
    index.lose(Side::Virtual, object(json!({ "name": "a", "namespace": "d", "uid": "1" })));
    assert_eq!(index.observe_watched(all.clone()), BTreeSet::new());
    index.see(Side::Physical, copy("1", "p/s"));
    assert_eq!(index.observe_watched(all), BTreeSet::from([Key::namespaced("d", "a")]));
}

#[test]
fn what_is_virtual_alone_stands_as_long_as_something_wants_it() {
    let kind = json!({ "group": "", "version": "v1", "kind": "Pod" });
    let more = json!({ "direction": "virtual", "references": [{ "kind": kind, "paths": ["/spec/nodeName"] }] });
    let mut index = Index::new(Arc::new(syncer(more)), false);
    let pod = |node: &str| {
        let pod = json!({ "metadata": { "name": "p", "namespace": "d" }, "spec": { "nodeName": node } }).to_string();
        WatchEvent::Applied(Arc::new(Object::parse(&Gvk::new("", "v1", "Pod"), &pod).unwrap()))
    };
    let (one, two) = (Key::cluster("one"), Key::cluster("two"));
    let step = |index: &Index, key: &Key| {
        let (pair, place) = index.pair(key);
        pair.step(&index.syncer, &place)
    };
    let node = |by: &str| {
        let annotations = json!({ "vcluster.loft.sh/object-syncer": by });
        object(json!({ "name": "one", "uid": "n", "annotations": annotations }))
    };
    assert_eq!(index.observe_reference(0, &pod("one")), BTreeSet::from([one.clone()]));
    assert_eq!(step(&index, &one), Step::Create);
    assert_eq!(index.see(Side::Virtual, node("p/s")), ["one"]);
    assert_eq!(step(&index, &one), Step::Keep);
    assert_eq!(index.observe_reference(0, &pod("two")), BTreeSet::from([one.clone(), two.clone()]));
    assert_eq!((step(&index, &one), step(&index, &two)), (Step::Delete(Reason::Unwanted), Step::Create));
    // What is going is waited for, wanted or not.
    let mut going = (*node("p/s")).clone();
    going.deleting = true;
    for event in [pod("one"), pod("two")] {
        index.observe_reference(0, &event);
        index.see(Side::Virtual, Arc::new(going.clone()));
        assert_eq!(step(&index, &one), Step::Rest);
    }
    // What another made, or made its own, is left alone, wanted or not.
    index.see(Side::Virtual, node("another"));
    assert_eq!(step(&index, &one), Step::Rest);
    index.observe_reference(0, &pod("one"));
    assert_eq!((step(&index, &one), step(&index, &two)), (Step::Rest, Step::Rest));
}

#[test]
fn a_list_of_one_namespace_says_nothing_of_others() {
    let mut index = index(up());
    index.see(Side::Physical, source("a", "1", "d/x"));
    let other = object(json!({ "name": "b", "namespace": "team", "uid": "2", "annotations": { "import": "d/y" } }));
    index.see(Side::Physical, other);
    let reset = WatchEvent::Reset { namespace: Some("team".into()), objects: vec![] };
    assert_eq!(index.observe(Side::Physical, reset), BTreeSet::from([Key::namespaced("d", "y")]));
    assert_eq!(index.step("d/x"), Step::SyncUp);
}

#[test]
fn what_cannot_be_of_the_kind_is_not_wanted() {
    let kind = json!({ "group": "", "version": "v1", "kind": "Pod" });
    let watch = json!({ "name": "pods", "side": "virtual", "kind": kind, "selects": true });
    let mut index = index(syncer(json!({ "direction": "virtual", "watches": [watch] })));
    let (fits, none) = (Key::namespaced("d", "a"), Key::cluster("a"));
    let names = BTreeSet::from([fits.clone(), none.clone()]);
    let seen = vec![(Key::namespaced("d", "pod"), names.clone())];
    let filed = Filed { watch: 0, listed: None, names: seen, concern: Concern::Pairs(names) };
    assert_eq!(index.observe_watched(filed), BTreeSet::from([fits]));
    let (pair, place) = index.pair(&none);
    assert_eq!(pair.step(&index.syncer, &place), Step::Rest);
}

#[test]
fn a_copy_stays_until_the_plugin_says_where_its_source_goes() {
    let places = |places: &[&str]| -> Places {
        let places = places.iter().map(|place| Key::namespaced("d", place)).collect();
        [(Key::namespaced("ns", "a"), places)].into()
    };
    let started = || {
        let mut index = index(syncer(json!({ "direction": "up", "names": "own" })));
        index.see(Side::Virtual, brought("d/x", "a", "1", "p/s"));
        index.see(Side::Virtual, brought("d/y", "a", "1", "p/s"));
        index.see(Side::Physical, source("a", "1", ""));
        assert_eq!((index.step("d/x"), index.step("d/y")), (Step::Rest, Step::Rest));
        index
    };
    let mut index = started();
    let map = |index: &mut Index, said: &Places| {
        let event = WatchEvent::Applied(source("a", "1", ""));
        index.observe_mapped(Side::Physical, event, said).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(map(&mut index, &Places::new()), [""; 0]);
    assert_eq!(map(&mut index, &places(&["x"])), ["d/x", "d/y"]);
    assert_eq!((index.step("d/x"), index.step("d/y")), (Step::Sync, Step::SyncDown));
    assert_eq!(map(&mut index, &places(&[])), ["d/x"]);
    // That it goes nowhere was said, and stays so without another word.
    map(&mut index, &Places::new());
    assert_eq!((index.step("d/x"), index.step("d/y")), (Step::SyncDown, Step::SyncDown));

    let mut index = started();
    assert_eq!(index.lose(Side::Physical, source("a", "1", "")), ["d/x", "d/y"]);
    assert_eq!((index.step("d/x"), index.step("d/y")), (Step::SyncDown, Step::SyncDown));
}
