//! What objects are called on both sides, and what selects them.

mod requests;
mod selected;

use serde::Deserialize;
use serde_json::{Value, json};
use sluice_core::importing;
use sluice_core::key::{Gvk, Key};
use sluice_core::object::Object;
use sluice_core::registration::Registration;
use sluice_core::translate::{Metadata, Translator};

use super::Target;

pub(super) struct Names;

/// An input. What is not there is not tried.
#[derive(Deserialize)]
struct Case {
    #[serde(default)]
    cluster: String,
    #[serde(default)]
    target: String,
    /// Virtual namespace and name.
    #[serde(default)]
    keys: Vec<(Option<String>, String)>,
    #[serde(default)]
    labels: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    selector: Value,
    /// Of syncers that copy up.
    #[serde(default)]
    names: Vec<Value>,
    /// Metadata of physical objects.
    #[serde(default)]
    objects: Vec<Value>,
    #[serde(flatten)]
    selected: selected::Case,
    #[serde(flatten)]
    requests: requests::Case,
}

impl Target for Names {
    const NAME: &'static str = "names";

    fn run(input: &[u8]) {
        let Ok(case) = serde_json::from_slice::<Case>(input) else { return };
        case.selected.run();
        case.requests.run();
        if let Ok(translator) = Translator::new(&case.cluster, &case.target) {
            case.keys.iter().take(20).for_each(|key| there_and_back(&translator, key, &case));
            if case.selector.is_object() {
                let _ = translator.selector_up(translator.selector_down(case.selector.clone()));
            }
        }
        case.imported();
    }
}

/// A copy leads to what it is the copy of, and to nothing else.
fn there_and_back(translator: &Translator, (namespace, name): &(Option<String>, String), case: &Case) {
    let gvk = Gvk::new("", "v1", "ConfigMap");
    if name.is_empty() || namespace.as_deref().is_some_and(str::is_empty) {
        return;
    }
    let key = Key { namespace: namespace.as_deref().map(Into::into), name: name.as_str().into() };
    let place = translator.physical_key(&key);
    assert!((1..=63).contains(&place.name.len()), "{place:?} is no name");
    assert_eq!(place.namespace.is_some(), key.namespace.is_some(), "{place:?} for {key:?}");
    let virtual_: Metadata = serde_json::from_value(
        json!({ "name": name, "namespace": namespace, "uid": "u", "labels": case.labels, "annotations": case.labels }),
    )
    .expect("metadata");
    let copy = translator.metadata_down(&gvk, &virtual_, None);
    let object = Object::parse(&gvk, &json!({ "metadata": copy }).to_string()).expect("a copy is an object");
    assert_eq!(translator.origin(&gvk, &object).as_ref(), Some(&key), "the copy leads to another");
    assert!(translator.is_copy(&gvk, &object, &key), "it is no copy of its source");
    for (namespace, name) in case.keys.iter().take(20) {
        let other = Key { namespace: namespace.as_deref().map(Into::into), name: name.as_str().into() };
        assert!(other == key || !translator.is_copy(&gvk, &object, &other), "{other:?} has the copy of {key:?}");
    }
    let back = translator.metadata_up(&gvk, &copy, None);
    assert_eq!(back.key(), key, "it comes back under another name");
    // What was stamped once stays as it is.
    let again = translator.stamp(&gvk, &virtual_, Some(&copy), copy.clone());
    assert_eq!(again, copy, "stamped again it is another");
}

impl Case {
    /// Where physical objects go that are brought up.
    fn imported(&self) {
        let all: Vec<importing::Names> = self.names.iter().take(4).filter_map(checked).collect();
        for object in self.objects.iter().take(20) {
            let text = json!({ "metadata": object }).to_string();
            let Ok(object) = Object::parse(&Gvk::new("", "v1", "Secret"), &text) else { continue };
            let plain = |part: &str| !part.is_empty() && !part.contains(['/', '*']);
            if !plain(&object.key.name) || !object.key.namespace.as_deref().is_none_or(plain) {
                continue;
            }
            let places: Vec<_> = all.iter().map(|names| (names, place(names, &object, &self.target))).collect();
            for (one, mine) in &places {
                for (other, theirs) in &places {
                    assert_eq!(one.is_apart(other), other.is_apart(one), "apart in one direction: {one:?}, {other:?}");
                    let both = matches!((one, other), (importing::Names::Map(_), importing::Names::Map(_)));
                    let meet = both && mine.is_some() && mine == theirs;
                    assert!(!meet || !one.is_apart(other), "{one:?} and {other:?} both lead to {mine:?}");
                }
            }
        }
    }
}

/// Names that a registration may have.
fn checked(names: &Value) -> Option<importing::Names> {
    let kind = json!({ "group": "", "version": "v1", "kind": "Secret" });
    let syncer = json!({ "name": "s", "kind": kind, "direction": "up", "names": names });
    let registration = Registration::parse(&json!({ "name": "p", "syncers": [syncer] }).to_string()).ok()?;
    registration.syncers.into_iter().next()?.names
}

fn place(names: &importing::Names, object: &Object, target: &str) -> Option<Key> {
    let place = names.virtual_key(object, target)?;
    let fits = |part: &str| !part.is_empty() && !part.contains('/');
    assert!(fits(&place.name) && place.namespace.as_deref().is_none_or(fits), "{place:?} is no key");
    assert_eq!(place.namespace.is_some(), object.key.namespace.is_some(), "{:?} goes to {place:?}", object.key);
    // Where an annotation says it, that no other namespace is watched is the whole check.
    if let (Some(namespace), importing::Names::Map(_)) = (&object.key.namespace, names) {
        let watched = names.namespaces(target);
        assert!(watched.contains(&**namespace), "{namespace:?} is brought up, and {watched:?} are watched");
    }
    Some(place)
}
