use k8s_openapi::jiff::Timestamp;
use serde_json::{Map, Value};

use crate::bindings::hooks::exports::sluice::plugin::hooks;
use crate::component::Component;
use crate::init::timestamp;
use crate::registration;
use crate::{Body, Gvk, Handle, Object, Plugin, Side, Whole};

pub use hooks::Operation;

/// Sees objects of one kind on their way to a cluster, whoever writes them, and may change or deny that; or on their way
/// from it, and may change what syncers are shown.
///
/// ```no_run
/// use sluice_sdk::k8s_openapi::api::core::v1::Pod;
/// use sluice_sdk::{Hook, Occasion, Operation, Side};
///
/// /// Every Pod below says whose it is.
/// struct Labels;
///
/// impl Hook for Labels {
///     type Object = Pod;
///     const NAME: &'static str = "labels";
///     const SIDE: Side = Side::Physical;
///     const OPERATIONS: &'static [Operation] = &[Operation::Create, Operation::Update];
///
///     fn review(&self, _: &Occasion, mut pod: Pod) -> Result<Pod, String> {
///         pod.metadata.labels.get_or_insert_default().insert("team".into(), "blue".into());
///         Ok(pod)
///     }
/// }
///
/// sluice_sdk::plugin!(hooks Labels);
/// # fn main() {}
/// ```
///
/// Several hooks for one occasion are called one after the other, in the order of their plugins' names. A hook that fails
/// or takes too long denies. What an object is stays as it is: kind, name, namespace, markers, finalizers and owners.
pub trait Hook {
    /// What the hook sees of its objects: a kind of [`k8s_openapi`](crate::k8s_openapi), a type of one's own or
    /// [`Dynamic`](crate::Dynamic). Fields that a type does not know stay as they are.
    type Object: Whole;

    /// Its name in the registration; one per plugin.
    const NAME: &'static str;

    /// To which cluster the objects go, or from which they come.
    const SIDE: Side;

    /// On which occasions it is called. Patches and status writes are updates.
    const OPERATIONS: &'static [Operation];

    /// The kind of its objects. Those of a type have the type's.
    fn kind(&self) -> Gvk {
        const { <Self::Object as Object>::KIND.expect("a hook of Dynamic must override Hook::kind") }.into()
    }

    /// The object as it shall be instead; as it was given, if all is well. Of what is deleted nothing can be changed.
    ///
    /// # Errors
    /// It shall not be done. The reason reaches the user as an Event.
    fn review(&self, occasion: &Occasion, object: Self::Object) -> Result<Self::Object, String>;
}

/// What is about to be done.
#[derive(Clone, Debug)]
pub struct Occasion {
    now: u64,
    /// To the object.
    pub operation: Operation,
}

impl Occasion {
    /// The time of the call. There is no other clock.
    pub fn now(&self) -> Timestamp {
        timestamp(self.now)
    }
}

/// What a plugin reviews, in this order: `Hooks::new().with(Labels).with(Limits)`.
#[derive(Default)]
#[must_use]
pub struct Hooks(Vec<Box<dyn AnyHook>>);

impl Hooks {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// And this one.
    pub fn with(mut self, hook: impl Hook + 'static) -> Self {
        self.0.push(Box::new(hook));
        self
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &dyn AnyHook> {
        self.0.iter().map(|hook| &**hook)
    }
}

/// A [`Hook`] of whatever kind.
pub(crate) trait AnyHook {
    fn name(&self) -> &'static str;
    fn registration(&self) -> registration::Hook;
    fn review(&self, occasion: &Occasion, object: &Handle) -> Result<Option<Body>, String>;
}

impl<H: Hook> AnyHook for H {
    fn name(&self) -> &'static str {
        H::NAME
    }

    fn registration(&self) -> registration::Hook {
        registration::Hook { name: H::NAME, side: H::SIDE, kind: self.kind(), operations: H::OPERATIONS }
    }

    fn review(&self, occasion: &Occasion, object: &Handle) -> Result<Option<Body>, String> {
        let failed = |error: serde_json::Error| format!("the object: {error}");
        let object = H::Object::read(object).map_err(failed)?;
        let before = serde_json::to_value(&object).map_err(failed)?;
        let after = serde_json::to_value(Hook::review(self, occasion, object)?).map_err(failed)?;
        Ok(difference(&before, &after).map(|patch| Body::MergePatch(patch.to_string())))
    }
}

impl<C: Component> hooks::Guest for C {
    fn review(occasion: hooks::Occasion, outgoing: hooks::Object) -> hooks::Verdict {
        let review = || {
            let hooks = C::plugin()?.hooks();
            let hook = hooks.iter().find(|hook| hook.name() == occasion.hook);
            let hook = hook.ok_or_else(|| format!("{} has no hook {:?}", C::NAME, occasion.hook))?;
            hook.review(&Occasion { now: occasion.now, operation: occasion.operation }, &Handle::new(outgoing))
        };
        match review() {
            Ok(None) => hooks::Verdict::Pass,
            Ok(Some(body)) => hooks::Verdict::Change(body),
            Err(why) => hooks::Verdict::Deny(why),
        }
    }
}

/// The least RFC 7386 merge patch from one value to the other; none if they are the same.
fn difference(before: &Value, after: &Value) -> Option<Value> {
    let (Value::Object(from), Value::Object(to)) = (before, after) else {
        return (before != after).then(|| after.clone());
    };
    let mut patch = Map::new();
    for (key, value) in to {
        match from.get(key) {
            Some(old) => patch.extend(difference(old, value).map(|change| (key.clone(), change))),
            None => patch.extend([(key.clone(), value.clone())]),
        }
    }
    patch.extend(from.keys().filter(|key| !to.contains_key(*key)).map(|key| (key.clone(), Value::Null)));
    (!patch.is_empty()).then_some(Value::Object(patch))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_a_hook_changed_is_said() {
        let before = json!({ "a": 1, "b": { "c": [1], "d": 2 }, "e": null });
        assert_eq!(difference(&before, &before), None);
        let after = json!({ "a": 1, "b": { "c": [2], "f": 3 }, "e": null });
        assert_eq!(difference(&before, &after), Some(json!({ "b": { "c": [2], "d": null, "f": 3 } })));
    }
}
