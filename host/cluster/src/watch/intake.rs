//! From kube's events to ours.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use kube::runtime::watcher::Event;
use sluice_core::key::{Gvk, Key, Side};
use sluice_core::object::Object;
use sluice_core::watch::WatchEvent;
use tracing::error;

use crate::raw::Raw;

/// Takes objects in. It remembers weakly which objects are in use, so that a list after a gap hands out what is already
/// in memory instead of a second copy of everything.
pub(super) struct Intake {
    side: Side,
    gvk: Gvk,
    namespace: Option<Arc<str>>,
    known: HashMap<Key, Weak<Object>>,
    listed: Vec<Arc<Object>>,
}

impl Intake {
    pub(super) fn new(side: Side, gvk: Gvk, namespace: Option<Arc<str>>) -> Self {
        Self { side, gvk, namespace, known: HashMap::new(), listed: Vec::new() }
    }

    /// What this event says to the outside; nothing within a list.
    pub(super) fn take(&mut self, event: Event<Raw>) -> Option<WatchEvent> {
        match event {
            // A list that broke off begins anew.
            Event::Init => {
                self.listed.clear();
                None
            }
            Event::InitApply(raw) => {
                let object = self.parse(&raw)?;
                self.listed.push(object);
                None
            }
            Event::InitDone => {
                let listed = std::mem::take(&mut self.listed);
                self.known = listed.iter().map(|object| (object.key.clone(), Arc::downgrade(object))).collect();
                Some(WatchEvent::Reset { namespace: self.namespace.clone(), objects: listed })
            }
            Event::Apply(raw) => {
                let object = self.parse(&raw)?;
                self.known.insert(object.key.clone(), Arc::downgrade(&object));
                Some(WatchEvent::Applied(object))
            }
            Event::Delete(raw) => {
                let object = self.parse(&raw)?;
                self.known.remove(&object.key);
                Some(WatchEvent::Deleted(object))
            }
        }
    }

    /// The object, or the same one at the same version that is already in use.
    fn parse(&self, raw: &Raw) -> Option<Arc<Object>> {
        let object = match Object::parse(&self.gvk, raw.json()) {
            Ok(object) => object,
            Err(error) => {
                error!(side = %self.side, kind = %self.gvk, %error, "the API server sent what is left out");
                return None;
            }
        };
        let known = self.known.get(&object.key).and_then(Weak::upgrade).filter(|known| known.same(&object));
        Some(known.unwrap_or_else(|| Arc::new(object)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(name: &str, version: u32) -> Raw {
        let json = format!(r#"{{"metadata":{{"name":"{name}","uid":"u","resourceVersion":"{version}"}}}}"#);
        serde_json::from_str(&json).unwrap()
    }

    fn intake() -> Intake {
        Intake::new(Side::Virtual, Gvk::new("", "v1", "ConfigMap"), Some("n".into()))
    }

    fn list(intake: &mut Intake, raws: Vec<Raw>) -> Vec<Arc<Object>> {
        assert!(intake.take(Event::Init).is_none());
        for raw in raws {
            assert!(intake.take(Event::InitApply(raw)).is_none());
        }
        let Some(WatchEvent::Reset { namespace, objects }) = intake.take(Event::InitDone) else { panic!("no reset") };
        assert_eq!(namespace.as_deref(), Some("n"));
        objects
    }

    #[test]
    fn a_relist_shares_what_did_not_change() {
        let mut intake = intake();
        let first = list(&mut intake, vec![raw("a", 1), raw("b", 2)]);
        let Some(WatchEvent::Applied(c)) = intake.take(Event::Apply(raw("c", 3))) else { panic!("not applied") };
        let second = list(&mut intake, vec![raw("a", 1), raw("b", 4), raw("c", 3)]);
        assert!(Arc::ptr_eq(&first[0], &second[0]) && Arc::ptr_eq(&c, &second[2]));
        assert_eq!(second[1].version.as_str(), "4");
    }

    #[test]
    fn a_list_that_broke_off_leaves_nothing_behind() {
        let mut intake = intake();
        intake.take(Event::Init);
        intake.take(Event::InitApply(raw("a", 1)));
        assert_eq!(list(&mut intake, vec![raw("b", 2)]).len(), 1);
    }

    #[test]
    fn what_is_deleted_is_forgotten() {
        let mut intake = intake();
        let _held = list(&mut intake, vec![raw("a", 1)]);
        assert!(matches!(intake.take(Event::Delete(raw("a", 2))), Some(WatchEvent::Deleted(_))));
        assert!(intake.known.is_empty());
    }
}
