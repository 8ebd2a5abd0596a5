//! The clusters of a syncer that copies up, where an annotation of a source says its place.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sluice_core::key::{Key, Side};

use crate::cluster::is_deleting;
use crate::stage::Stage;

const IMPORT: &str = "import";
/// What says that a virtual object is a copy, and of what.
const MARKERS: [&str; 6] = [
    "vcluster.loft.sh/object-imported",
    "vcluster.loft.sh/object-uid",
    "vcluster.loft.sh/object-kind",
    "vcluster.loft.sh/object-host-name",
    "vcluster.loft.sh/object-host-namespace",
    "vcluster.loft.sh/object-syncer",
];
const HOST_NAME: &str = MARKERS[3];

pub(crate) struct Up {
    pub(crate) stage: Stage,
    strangers: BTreeMap<Key, Value>,
}

impl Up {
    pub(crate) fn new() -> Self {
        let kind = json!({ "group": "", "version": "v1", "kind": "ConfigMap" });
        let names = json!({ "annotation": IMPORT });
        let stage = Stage::new(json!({ "name": "s", "kind": kind, "direction": "up", "names": names }));
        Self { stage, strangers: BTreeMap::new() }
    }

    /// Where the plugin says it instead, by what objects of another kind are there.
    pub(crate) fn own() -> Self {
        let kind = json!({ "group": "", "version": "v1", "kind": "ConfigMap" });
        let watch = json!({ "name": "w", "side": "virtual", "kind": kind });
        let names = json!({ "name": "s", "kind": kind, "direction": "up", "names": "own", "watches": [watch] });
        Self { stage: Stage::new(names), strangers: BTreeMap::new() }
    }

    /// From here on the plugin sends a source to these places.
    pub(crate) fn send(&mut self, key: u8, places: &[bool]) {
        let all = places.iter().zip(0..).filter(|(is, _)| **is).map(|(_, place)| Self::place(place));
        // No ConfigMap is in no namespace: such a place is none.
        self.stage.asked.send(Self::source(key), all.chain([Key::cluster("nowhere")]).collect());
    }

    fn source(key: u8) -> Key {
        Key::namespaced("ns", ["a", "b", "c"][usize::from(key)])
    }

    fn place(place: u8) -> Key {
        [Key::namespaced("d", "x"), Key::namespaced("e", "y"), Key::namespaced("e", "z")][usize::from(place)].clone()
    }

    /// A user makes a source, changes it or sends it elsewhere; the third place is none.
    pub(crate) fn set(&mut self, key: u8, place: u8, data: u8) {
        let key = Self::source(key);
        let metadata = json!({ "name": &*key.name, "namespace": key.namespace.as_deref() });
        let new = json!({ "kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata });
        let mut object = self.stage.physical.get(&key).cloned().unwrap_or(new);
        object["metadata"]["annotations"] = json!({ format!("a{data}"): "x" });
        if place < 2 {
            object["metadata"]["annotations"][IMPORT] = json!(Self::place(place).to_string());
        }
        object["data"] = json!({ "k": data.to_string() });
        self.stage.physical.put(&key, object);
    }

    /// Every source is another version, which says the same.
    pub(crate) fn touch(&mut self) {
        let keys: Vec<_> = self.stage.physical.all().map(|(key, _)| key.clone()).collect();
        keys.iter().for_each(|key| self.stage.physical.change(key, |_| {}));
    }

    pub(crate) fn delete(&mut self, key: u8) {
        self.stage.physical.delete(&Self::source(key));
    }

    pub(crate) fn drift(&mut self, place: u8, data: u8) {
        self.change_copy(place, |copy| copy["data"] = json!({ "drift": data.to_string() }));
    }

    /// A tenant takes one marker off a copy, or all.
    pub(crate) fn unmark(&mut self, place: u8, which: u8) {
        self.change_copy(place, |copy| {
            if let Some(annotations) = copy["metadata"]["annotations"].as_object_mut() {
                let gone = MARKERS.get(usize::from(which));
                annotations.retain(|key, _| gone.map_or(!MARKERS.contains(&&**key), |gone| key != gone));
            }
        });
    }

    /// A tenant says that a copy is that of another source.
    pub(crate) fn forge(&mut self, place: u8, key: u8) {
        let name = Self::source(key).name;
        self.change_copy(place, |copy| copy["metadata"]["annotations"][HOST_NAME] = json!(&*name));
    }

    fn change_copy(&mut self, place: u8, change: impl FnOnce(&mut Value)) {
        let place = Self::place(place);
        if self.stage.virtual_.get(&place).is_some_and(|copy| said(copy).is_some()) {
            self.stage.virtual_.change(&place, change);
        }
    }

    /// A tenant deletes what stands there, be it a copy or its own.
    pub(crate) fn vacate(&mut self, place: u8) {
        let place = Self::place(place);
        self.strangers.remove(&place);
        self.stage.virtual_.delete(&place);
    }

    pub(crate) fn occupy(&mut self, place: u8) {
        let place = Self::place(place);
        if self.stage.virtual_.get(&place).is_none() {
            let metadata = json!({ "name": &*place.name, "namespace": place.namespace.as_deref() });
            self.stage.virtual_.put(&place, json!({ "metadata": metadata, "data": { "foreign": "1" } }));
            self.strangers.extend(self.stage.virtual_.get(&place).cloned().map(|stranger| (place, stranger)));
        }
    }

    /// A controller of one side sets its finalizers.
    pub(crate) fn hold(&mut self, side: Side, at: u8, names: &[&str]) {
        match side {
            Side::Physical => self.stage.physical.hold(&Self::source(at), "p/", names),
            Side::Virtual if self.strangers.contains_key(&Self::place(at % 2)) => {}
            Side::Virtual => self.stage.virtual_.hold(&Self::place(at % 2), "v/", names),
        }
    }

    /// Where the virtual cluster is not what the sources make of it.
    pub(crate) fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let Stage { virtual_: above, physical: below, .. } = &self.stage;
        for place in (0..3).map(Self::place) {
            let wants = |key: &Key, source: &Value| {
                source["metadata"]["annotations"][IMPORT] == *place.to_string() || self.stage.asked.sends(key, &place)
            };
            let wanting: BTreeMap<_, _> =
                below.all().filter(|(key, source)| wants(key, source) && !is_deleting(source)).collect();
            let Some(copy) = above.get(&place) else {
                wrong.extend((!wanting.is_empty()).then(|| format!("nothing stands at {place}")));
                continue;
            };
            // A copy that is going comes back when it is gone.
            if is_deleting(copy) {
                continue;
            }
            let marks = &copy["metadata"]["annotations"];
            match said(copy).and_then(|said| Some((wanting.get(&said)?, said))) {
                Some((source, key)) => {
                    let mut data = source["data"].clone();
                    if let Some(word) = self.stage.asked.word {
                        data["word"] = json!(word.to_string());
                    }
                    if copy["data"] != data {
                        wrong.push(format!("{place} has other content than {key}"));
                    }
                    let mut right = source["metadata"]["annotations"].as_object().cloned().unwrap_or_default();
                    right.extend(markers(&key, &source["metadata"]["uid"]));
                    if *marks != json!(right) {
                        wrong.push(format!("{place} has other annotations than {key}: {marks}"));
                    }
                }
                // What lost the mark says no more whose it was, unless its source says it.
                None if said(copy).is_some() && marks[MARKERS[5]] == "p/s" => {
                    wrong.push(format!("{place} is nobody's copy: {marks}"));
                }
                None => {}
            }
        }
        let touched = self.strangers.iter().filter(|(place, stranger)| above.get(place) != Some(stranger));
        wrong.extend(touched.map(|(place, _)| format!("the stranger at {place} was touched")));
        wrong
    }
}

/// The source that a virtual object says it is the copy of.
fn said(copy: &Value) -> Option<Key> {
    let mark = |at: usize| copy["metadata"]["annotations"][MARKERS[at]].as_str();
    let namespace = mark(4).map(Into::into);
    mark(0).filter(|imported| *imported == "true")?;
    Some(Key { namespace, name: mark(3)?.into() })
}

fn markers(key: &Key, uid: &Value) -> Map<String, Value> {
    let values =
        [json!("true"), uid.clone(), json!("/v1, Kind=ConfigMap"), json!(&*key.name), json!("ns"), json!("p/s")];
    MARKERS.iter().map(|&marker| marker.to_owned()).zip(values).collect()
}
