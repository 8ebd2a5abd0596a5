//! What an object of another kind concerns, as long as it does.

mod model;

use serde_json::json;

use super::*;
use crate::key::Gvk;

fn watch(name: &str) -> Watch {
    let kind = json!({ "group": "", "version": "v1", "kind": "Pod" });
    serde_json::from_value(json!({ "name": name, "side": "virtual", "kind": kind })).unwrap()
}

fn pod(name: &str, version: &str) -> Arc<Object> {
    let metadata = json!({ "name": name, "namespace": "d", "uid": name, "resourceVersion": version });
    Arc::new(Object::parse(&Gvk::new("", "v1", "Pod"), &json!({ "metadata": metadata }).to_string()).unwrap())
}

fn pairs(names: &[&str]) -> Concern {
    Concern::Pairs(names.iter().map(|name| Key::namespaced("d", name)).collect())
}

/// Takes in an event and files what is said of every object that is to be asked about. Returns who was asked about.
fn see(watched: &mut Watched, event: WatchEvent, said: Option<&Concern>) -> (Vec<String>, Filed) {
    let (mut filed, ask) = watched.take(0, &event);
    for object in &ask {
        watched.file(&object.key, said.cloned(), &mut filed);
    }
    (ask.iter().map(|object| object.key.name.to_string()).collect(), filed)
}

fn concerning(watched: &Watched, pair: &str) -> Vec<String> {
    let found = watched.concerning("pods", &Key::namespaced("d", pair), 9).unwrap();
    found.iter().map(|object| object.key.name.to_string()).collect()
}

#[test]
fn what_an_object_concerned_and_concerns_is_looked_at() {
    let mut watched = Watched::new(&[watch("pods")]);
    let (_, filed) = see(&mut watched, WatchEvent::Applied(pod("a", "1")), Some(&pairs(&["x", "y"])));
    assert_eq!(filed.concern, pairs(&["x", "y"]));
    see(&mut watched, WatchEvent::Applied(pod("b", "1")), Some(&pairs(&["y"])));
    assert_eq!(
        (concerning(&watched, "x"), concerning(&watched, "y")),
        (vec!["a".into()], vec!["a".into(), "b".into()])
    );

    let (_, filed) = see(&mut watched, WatchEvent::Applied(pod("a", "2")), Some(&pairs(&["z"])));
    assert_eq!(filed.concern, pairs(&["x", "y", "z"]));
    assert_eq!(filed.names, [(Key::namespaced("d", "a"), BTreeSet::from([Key::namespaced("d", "z")]))]);
    assert_eq!((concerning(&watched, "x"), concerning(&watched, "y")), (vec![], vec!["b".into()]));

    let (_, filed) = see(&mut watched, WatchEvent::Deleted(pod("a", "3")), None);
    assert_eq!((&filed.concern, filed.names), (&pairs(&["z"]), vec![(Key::namespaced("d", "a"), BTreeSet::new())]));
    assert!(concerning(&watched, "z").is_empty());
}

#[test]
fn without_an_answer_the_last_one_counts() {
    let mut watched = Watched::new(&[watch("pods")]);
    see(&mut watched, WatchEvent::Applied(pod("a", "1")), Some(&pairs(&["x"])));
    let (asked, filed) = see(&mut watched, WatchEvent::Applied(pod("a", "2")), None);
    assert_eq!((asked.len(), filed.concern), (1, pairs(&["x"])));
    assert_eq!(concerning(&watched, "x"), ["a"]);
}

#[test]
fn a_list_asks_about_what_is_new_and_lets_go_what_is_gone() {
    let mut watched = Watched::new(&[watch("pods")]);
    for name in ["a", "b"] {
        see(&mut watched, WatchEvent::Applied(pod(name, "1")), Some(&pairs(&[name])));
    }
    let objects = vec![pod("b", "1"), pod("c", "1")];
    let (asked, filed) = see(&mut watched, WatchEvent::Reset { namespace: None, objects }, Some(&Concern::All));
    assert_eq!((asked, filed.listed, filed.concern), (vec!["c".into()], Some(None), Concern::All));
    assert_eq!(watched.list("pods", Some("d"), 9).unwrap().len(), 2);
    assert_eq!(watched.list("pods", Some("e"), 9).unwrap().len(), 0);
    assert_eq!(watched.list("pods", None, 1).unwrap()[0].key.name.as_ref(), "b");
    assert!(watched.get("pods", &Key::namespaced("d", "a")).unwrap().is_none());
    assert_eq!(watched.get("nodes", &Key::cluster("a")).unwrap_err().to_string(), r#"its syncer has no watch "nodes""#);
}
