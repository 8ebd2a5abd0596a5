//! Both halves as an API server keeps them, with controllers that set and take away finalizers at random.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::key::Key;
use crate::registration;
use crate::translate::Translator;

fn syncer() -> Syncer {
    let kind = json!({ "group": "example.com", "version": "v1", "kind": "Car" });
    let registered: registration::Syncer =
        serde_json::from_value(json!({ "name": "s", "kind": kind, "finalizers": true })).unwrap();
    Syncer::new(registered, "p", Arc::new(Translator::new("vc", "ns").unwrap()))
}

/// One half: its object, and a version.
#[derive(Clone, Debug)]
struct Half(Option<Value>);

impl Half {
    fn new() -> Self {
        Self(Some(json!({ "metadata": { "name": "a", "namespace": "d" } })))
    }

    fn finalizers(&self) -> Names {
        self.0.as_ref().map(|object| names(&object["metadata"]["finalizers"])).unwrap_or_default()
    }

    fn is_deleting(&self) -> bool {
        self.0.as_ref().is_some_and(|object| !object["metadata"]["deletionTimestamp"].is_null())
    }

    fn set(&mut self, finalizers: &Names) {
        if let Some(object) = &mut self.0 {
            object["metadata"]["finalizers"] = json!(finalizers);
        }
        self.collect();
    }

    fn delete(&mut self) {
        if let Some(object) = &mut self.0 {
            object["metadata"]["deletionTimestamp"] = json!("t");
        }
        self.collect();
    }

    /// What is deleted and held by nothing is gone.
    fn collect(&mut self) {
        if self.is_deleting() && self.finalizers().is_empty() {
            self.0 = None;
        }
    }

    fn show(&self) -> Option<Arc<Object>> {
        let text = self.0.as_ref()?.to_string();
        Some(Arc::new(Object::parse(syncer().gvk(), &text).unwrap()))
    }
}

fn names(value: &Value) -> Names {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(Into::into).collect()
}

struct Both {
    virtual_: Half,
    physical: Half,
}

impl Both {
    fn new() -> Self {
        Self { virtual_: Half::new(), physical: Half::new() }
    }

    /// As often as anything changes: the finalizers, then what the runtime does about deletions.
    fn settle(&mut self) {
        let syncer = syncer();
        for round in 0.. {
            assert!(round < 20, "it does not come to rest: {:?} {:?}", self.virtual_, self.physical);
            let pair = Pair {
                direction: syncer.direction(),
                key: Key::namespaced("d", "a"),
                physical_key: Key::namespaced("ns", "a-x-d-x-vc"),
                virtual_: self.virtual_.show(),
                physical: self.physical.show(),
                settled: None,
            };
            let writes = writes(&pair, &syncer);
            for write in &writes {
                let Write::Patch { target, patch, .. } = write else { panic!("{write:?}") };
                let half = if target.side == Side::Virtual { &mut self.virtual_ } else { &mut self.physical };
                let before = half.finalizers();
                let object = half.0.as_mut().unwrap();
                merge(object, patch.clone());
                let added = names(&object["metadata"]["finalizers"]).difference(&before).count();
                assert!(added == 0 || !half.is_deleting(), "an API server adds no finalizer to what is deleted");
                half.collect();
            }
            let orphan = self.virtual_.0.is_none() || self.virtual_.is_deleting();
            let delete = orphan && self.physical.0.is_some() && !self.physical.is_deleting();
            if delete {
                self.physical.delete();
            } else if writes.is_empty() {
                return;
            }
        }
    }
}

fn set(of: &[&str]) -> Names {
    of.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn a_finalizer_below_holds_the_virtual_object_until_it_is_done() {
    let mut both = Both::new();
    both.physical.set(&set(&["cloud/disk"]));
    both.settle();
    assert_eq!(both.virtual_.finalizers(), set(&["cloud/disk"]));
    both.virtual_.delete();
    both.settle();
    assert!(both.virtual_.is_deleting() && both.physical.is_deleting(), "{:?}", both.virtual_);
    both.physical.set(&set(&[]));
    both.settle();
    assert!(both.virtual_.0.is_none() && both.physical.0.is_none());
}

#[test]
fn a_finalizer_above_holds_the_copy_until_it_is_done() {
    let mut both = Both::new();
    both.virtual_.set(&set(&["team/backup"]));
    both.settle();
    both.virtual_.delete();
    both.settle();
    assert_eq!((both.physical.is_deleting(), both.physical.finalizers()), (true, set(&["team/backup"])));
    both.virtual_.set(&set(&[]));
    both.settle();
    assert!(both.virtual_.0.is_none() && both.physical.0.is_none());
}

#[test]
fn a_copy_that_is_deleted_below_is_not_held_from_above() {
    let mut both = Both::new();
    both.virtual_.set(&set(&["team/backup"]));
    both.settle();
    both.physical.delete();
    both.settle();
    assert!(both.physical.0.is_none(), "it comes back when it is gone: {:?}", both.physical);
    assert_eq!(both.virtual_.finalizers(), set(&["team/backup"]));
}

proptest! {
    /// Whatever controllers do on either side, it comes to rest; each side's own stay, and what is deleted above and
    /// let go by every controller is gone on both sides.
    #[test]
    fn finalizers_come_to_rest(steps in prop::collection::vec((any::<bool>(), prop::collection::btree_set("[a-c]", 0..3), any::<bool>()), 0..12)) {
        let mut both = Both::new();
        for (virtual_, finalizers, delete) in steps {
            let prefix = if virtual_ { "v/" } else { "p/" };
            let half = if virtual_ { &mut both.virtual_ } else { &mut both.physical };
            // A controller sets and takes away its own.
            let others: Names = half.finalizers().into_iter().filter(|name| !name.starts_with(prefix)).collect();
            let own: Names = finalizers.iter().map(|name| format!("{prefix}{name}")).collect();
            let own = if half.is_deleting() { own.intersection(&half.finalizers()).cloned().collect() } else { own };
            half.set(&others.union(&own).cloned().collect());
            if delete {
                half.delete();
            }
            both.settle();
        }
        both.virtual_.delete();
        both.settle();
        for (half, prefix) in [(&mut both.virtual_, "v/"), (&mut both.physical, "p/")] {
            let others = half.finalizers().into_iter().filter(|name| !name.starts_with(prefix)).collect();
            half.set(&others);
        }
        both.settle();
        prop_assert!(both.virtual_.0.is_none() && both.physical.0.is_none(), "{:?} {:?}", both.virtual_, both.physical);
    }
}
