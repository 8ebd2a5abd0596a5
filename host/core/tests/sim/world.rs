//! Two clusters with a runtime between them.

use std::sync::Arc;

use serde_json::{Value, json};
use sluice_core::grants::Grants;
use sluice_core::intent::{Body, Intent};
use sluice_core::key::{Gvk, Key, Side, Time};
use sluice_core::limits::Limits;
use sluice_core::object::Object;
use sluice_core::pair::{Pair, Step};
use sluice_core::plan::{Plan, Rules, plan};
use sluice_core::reconciler::{Effect, Origin, Outcome, Reconciler, Work};
use sluice_core::registration;
use sluice_core::syncer::Syncer;
use sluice_core::translate::{Metadata, Translator};
use sluice_core::write::{Write, Written};

use crate::cluster::Cluster;

/// What becomes of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It happens and is answered.
    Kept,
    /// It never reaches the API server.
    Unsent,
    /// It happens, and the answer is lost.
    Unanswered,
}

pub(crate) struct World {
    syncer: Arc<Syncer>,
    translator: Arc<Translator>,
    virtual_: Cluster,
    physical: Cluster,
    reconciler: Reconciler,
    under_way: Vec<(Pair, Option<Plan>)>,
    now: Time,
    pub(crate) writes: u32,
    pub(crate) calls: u32,
}

impl World {
    pub(crate) fn new() -> Self {
        let gvk = Gvk::new("", "v1", "ConfigMap");
        let translator = Arc::new(Translator::new("vc", "ns").expect("names"));
        let registered = json!({ "name": "s", "kind": gvk });
        let registered: registration::Syncer = serde_json::from_value(registered).expect("a syncer");
        let syncer = Arc::new(Syncer::new(registered, "p", Arc::clone(&translator)));
        let reconciler = Reconciler::new(Arc::clone(&syncer), 2);
        let [virtual_, physical] = [Cluster::new(gvk.clone()), Cluster::new(gvk.clone())];
        let mut world = Self {
            syncer,
            translator,
            virtual_,
            physical,
            reconciler,
            under_way: vec![],
            now: Time(1),
            writes: 0,
            calls: 0,
        };
        world.relist(true);
        world.relist(false);
        world
    }

    fn key(key: u8) -> Key {
        // The first two want one place.
        [Key::namespaced("c", "a-x-b"), Key::namespaced("b-x-c", "a"), Key::namespaced("d", "e")][usize::from(key)]
            .clone()
    }

    fn place(&self, key: u8) -> Key {
        self.translator.physical_key(&Self::key(key))
    }

    pub(crate) fn set(&mut self, key: u8, data: u8) {
        let key = Self::key(key);
        let metadata = json!({ "name": &*key.name, "namespace": key.namespace.as_deref(), "annotations": { format!("a{data}"): "x" } });
        self.virtual_.put(
            &key,
            json!({ "kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata, "data": { "k": data.to_string() } }),
        );
    }

    pub(crate) fn delete(&mut self, key: u8) {
        self.virtual_.delete(&Self::key(key));
    }

    pub(crate) fn drift(&mut self, key: u8, data: u8) {
        self.change_copy(key, |copy| copy["data"] = json!({ "drift": data.to_string() }));
    }

    pub(crate) fn unmark(&mut self, key: u8) {
        // Of an orphan nothing would be left that says whose it was.
        if self.virtual_.get(&Self::key(key)).is_some() {
            self.change_copy(key, |copy| copy["metadata"]["annotations"] = Value::Null);
        }
    }

    fn change_copy(&mut self, key: u8, change: impl FnOnce(&mut Value)) {
        let place = self.place(key);
        if let Some(mut copy) = self.physical.get(&place).filter(|copy| !is_foreign(copy)).cloned() {
            change(&mut copy);
            self.physical.put(&place, copy);
        }
    }

    pub(crate) fn delete_copy(&mut self, key: u8) {
        let place = self.place(key);
        if self.physical.get(&place).is_some_and(|copy| !is_foreign(copy)) {
            self.physical.delete(&place);
        }
    }

    pub(crate) fn occupy(&mut self, key: u8) {
        let place = self.place(key);
        if self.physical.get(&place).is_none() {
            let metadata = json!({ "name": &*place.name, "namespace": place.namespace.as_deref() });
            self.physical.put(
                &place,
                json!({ "kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata, "data": { "foreign": "1" } }),
            );
        }
    }

    pub(crate) fn vacate(&mut self, key: u8) {
        let place = self.place(key);
        if self.physical.get(&place).is_some_and(is_foreign) {
            self.physical.delete(&place);
        }
    }

    pub(crate) fn deliver(&mut self, virtual_: bool) {
        let (side, cluster) = self.side(virtual_);
        if let Some(event) = cluster.deliver() {
            self.reconciler.observe(Origin::Half(side), event);
        }
    }

    pub(crate) fn relist(&mut self, virtual_: bool) {
        let (side, cluster) = self.side(virtual_);
        let event = cluster.relist();
        self.reconciler.observe(Origin::Half(side), event);
    }

    fn side(&mut self, virtual_: bool) -> (Side, &mut Cluster) {
        if virtual_ { (Side::Virtual, &mut self.virtual_) } else { (Side::Physical, &mut self.physical) }
    }

    /// Takes the next piece of work and asks the plugin.
    pub(crate) fn begin(&mut self) {
        let Some(Work { pair, step, .. }) = self.reconciler.next(self.now) else { return };
        assert!(self.under_way.iter().all(|(other, _)| other.key != pair.key), "two calls for {}", pair.key);
        let plan = match step {
            Step::Rest | Step::Blocked => None,
            Step::Finalizers => panic!("the syncer does not register them"),
            Step::Delete(_) => {
                let writes = pair.removal(self.syncer.gvk()).into_iter().collect();
                Some(Plan { writes, ..Plan::default() })
            }
            Step::SyncDown | Step::Sync | Step::SyncUp => {
                self.calls += 1;
                let (grants, limits) = (Grants::default(), Limits::default());
                let rules = Rules { grants: &grants, limits: &limits, manager: "p" };
                Some(plan(rules, &self.syncer, &pair, &[self.answer(&pair)]).expect("a plan"))
            }
        };
        self.under_way.push((pair, plan));
    }

    /// What the tutorial's plugin answers.
    fn answer(&self, pair: &Pair) -> Intent {
        let Some(virtual_) = &pair.virtual_ else { return Intent::Remove(Side::Physical) };
        let parse = |object: &Object| serde_json::from_str::<Value>(&object.json).expect("JSON");
        let metadata = |object: &Object| Metadata::of(&object.json).expect("metadata");
        let physical = pair.physical.as_deref();
        let mut desired = parse(physical.unwrap_or(virtual_));
        let translated =
            self.translator.metadata_down(self.syncer.gvk(), &metadata(virtual_), physical.map(metadata).as_ref());
        desired["metadata"] = serde_json::to_value(translated).expect("JSON");
        desired["data"] = parse(virtual_)["data"].clone();
        Intent::Desire(Side::Physical, Body::Whole(desired.to_string()))
    }

    /// Carries out a piece of work and reports it.
    pub(crate) fn end(&mut self, which: usize, fate: Fate) {
        if self.under_way.is_empty() {
            return;
        }
        let (pair, plan) = self.under_way.remove(which % self.under_way.len());
        let failed = Outcome::Failed { effects: vec![], after: None };
        let outcome = match plan {
            None => failed,
            Some(plan) => {
                let effects: Result<Vec<_>, _> = plan.writes.iter().map(|write| self.write(write, fate)).collect();
                effects.map_or(failed, |effects| Outcome::Done { effects, requeue: None })
            }
        };
        self.reconciler.finish(pair, outcome, self.now);
    }

    fn write(&mut self, write: &Write, fate: Fate) -> Result<Effect, ()> {
        if fate == Fate::Unsent {
            return Err(());
        }
        let written = self.physical.write(write).map_err(drop)?;
        self.writes += 1;
        if fate == Fate::Unanswered {
            return Err(());
        }
        let side = Side::Physical;
        Ok(match (write, written) {
            (_, Written::Stored(object)) => Effect::Stored { side, settled: write.is_settled_by(&object), object },
            (Write::Delete { read, .. }, _) => Effect::Deleted { side, read: read.clone() },
            (write, written) => panic!("{write:?}: {written:?}"),
        })
    }

    pub(crate) fn crash(&mut self) {
        self.under_way.clear();
        self.reconciler = Reconciler::new(Arc::clone(&self.syncer), 2);
        self.relist(true);
        self.relist(false);
    }

    pub(crate) fn pass(&mut self, milliseconds: u64) {
        self.now = self.now.after(milliseconds);
    }

    /// From here on nothing goes wrong, and there is time.
    pub(crate) fn come_to_rest(&mut self) {
        // Long enough for the longest backoff to end twice; an object that cannot be placed is tried for ever.
        for _ in 0..400 {
            for _ in 0..20 {
                self.deliver(true);
                self.deliver(false);
                self.begin();
                self.end(0, Fate::Kept);
            }
            self.pass(2_000);
        }
    }

    /// Where the physical cluster is not what the virtual one makes of it.
    pub(crate) fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (key, virtual_) in self.virtual_.all() {
            let place = self.translator.physical_key(key);
            let rivals = self.virtual_.all().filter(|(other, _)| self.translator.physical_key(other) == place).count();
            match self.physical.get(&place) {
                None => wrong.push(format!("{key} has no copy")),
                Some(copy) if is_foreign(copy) => {}
                // Its own copy, unmarked, would have been put right; that of a rival that went says no more whose it was.
                Some(copy) if is_unmarked(copy) && rivals_namespace(copy, key) => {}
                Some(copy) => {
                    let mine =
                        copy["metadata"]["annotations"]["vcluster.loft.sh/object-uid"] == virtual_["metadata"]["uid"];
                    if !mine && rivals == 1 {
                        wrong.push(format!("{key} has the copy of another"));
                    }
                    if mine && copy["data"] != virtual_["data"] {
                        wrong.push(format!("{key} has a copy of other content"));
                    }
                    let notes = |object: &Value| {
                        let all = object["metadata"]["annotations"].as_object().cloned().unwrap_or_default();
                        all.into_iter().filter(|(key, _)| !key.starts_with("vcluster")).collect::<Vec<_>>()
                    };
                    if mine && notes(copy) != notes(virtual_) {
                        wrong.push(format!("{key} has a copy with other annotations"));
                    }
                }
            }
        }
        for (place, copy) in self.physical.all().filter(|(_, copy)| !is_foreign(copy)) {
            let uid = &copy["metadata"]["annotations"]["vcluster.loft.sh/object-uid"];
            // One that was unmarked as its virtual object went says no more whose it was.
            if !is_unmarked(copy) && !self.virtual_.all().any(|(_, virtual_)| virtual_["metadata"]["uid"] == *uid) {
                wrong.push(format!("{place} is nobody's copy"));
            }
        }
        wrong
    }
}

fn is_foreign(object: &Value) -> bool {
    object["data"].get("foreign").is_some()
}

fn is_unmarked(copy: &Value) -> bool {
    copy["metadata"]["annotations"].get("vcluster.loft.sh/object-uid").is_none()
}

fn rivals_namespace(copy: &Value, key: &Key) -> bool {
    copy["metadata"]["labels"]["vcluster.loft.sh/namespace"].as_str() != key.namespace.as_deref()
}
