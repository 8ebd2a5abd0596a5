//! Calls of hooks.

use std::sync::Arc;

use sluice_core::hook::{Operation, Verdict};
use sluice_core::key::{Gvk, Side, Time};
use sluice_core::object::Object;

use crate::answer::verdict;
use crate::bindings::v0_1::exports::sluice::plugin::hooks as exports;
use crate::bindings::v0_1::sluice::plugin::objects;
use crate::handle::Handle;
use crate::plugin::{Plugin, Reply, exported};
use crate::run::run;

/// What a hook is called for.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// The hook's name in the registration.
    pub hook: &'a str,
    /// To which cluster, or from which.
    pub side: Side,
    /// What is done.
    pub operation: Operation,
    /// The kind of the object.
    pub gvk: &'a Arc<Gvk>,
    /// The time.
    pub now: Time,
}

impl Plugin {
    /// Shows a hook an object on its way. Blocks as [`Self::call`] does.
    pub fn review(&self, occasion: Occasion<'_>, object: Arc<Object>) -> Reply<Verdict> {
        let Occasion { hook, side, operation, gvk, now } = occasion;
        let about = format!("{} {}", gvk.kind, object.key);
        let handle = Handle { side, gvk: Arc::clone(gvk), object, origin: None, counterpart: None, settled: None };
        let (result, cost) = run(&self.pre, &self.setting, now, about, |store, instance| {
            let guest = exported(&self.exports.hooks)?.load(&mut *store, instance)?;
            let record = exports::Occasion {
                hook: hook.into(),
                side: match side {
                    Side::Virtual => objects::Side::Virtual,
                    Side::Physical => objects::Side::Physical,
                },
                operation: match operation {
                    Operation::Create => exports::Operation::Create,
                    Operation::Update => exports::Operation::Update,
                    Operation::Delete => exports::Operation::Delete,
                    Operation::Get => exports::Operation::Get,
                },
                now: now.0,
            };
            let outgoing = store.data_mut().hold(handle)?;
            let said = guest.call_review(&mut *store, &record, outgoing)?;
            Ok(verdict(said, store.data().log.is_withheld()))
        });
        Reply { result, cost }
    }
}
