use std::time::Duration;

use serde::Serialize;

use crate::bindings::imports::sluice::plugin::intents::{Field, Intent, Note, Paired, Placed};
use crate::{Body, Failure, Object, Physical, Side, Target, Virtual};

/// What a call comes to.
pub type Answer = Result<Intents, Failure>;

/// What the plugin asks for, one after the other. An intent says what should be, not which request to send: the
/// runtime writes only what differs. One that is refused refuses them all.
///
/// ```no_run
/// # use std::time::Duration;
/// # use sluice_sdk::{Answer, Body, Context, Side, k8s_openapi::api::core::v1::Service, serde_json::json};
/// # fn sync(ctx: &Context, updated: Option<Service>) -> Answer {
/// Ok(ctx
///     .sync_down_update(updated)?
///     .desire_status(Side::Virtual, Body::patch(&json!({ "status": { "loadBalancer": {} } }))?)
///     .warning("NoAddress", "the physical Service has no address yet")
///     .requeue(Duration::from_secs(10)))
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Intents(Vec<Intent>);

impl Intents {
    /// Nothing is asked for: all is as it should be.
    pub fn none() -> Self {
        Self::default()
    }

    /// This half of the pair shall look like this: made if missing, changed if different.
    pub fn desire(self, side: Side, body: Body) -> Self {
        self.and(Intent::Desire(Paired { side, body }))
    }

    /// The same for its status subresource.
    pub fn desire_status(self, side: Side, body: Body) -> Self {
        self.and(Intent::DesireStatus(Paired { side, body }))
    }

    /// The virtual object shall have the status that the physical one has, whole; nothing is asked for if it does.
    ///
    /// Of a syncer that copies down the virtual object is not its own to change, so its plugin
    /// [asks](crate::Plugin::asks) for [`Verb::Status`](crate::Verb::Status) of the kind on the virtual side.
    ///
    /// ```no_run
    /// # use sluice_sdk::{Answer, Context, Handle, Physical, Virtual};
    /// # fn sync(ctx: &Context, physical: &Physical<Handle>, virtual_object: &Virtual<Handle>) -> Answer {
    /// Ok(ctx.carry_down(physical, virtual_object, ["/spec"])?.copy_status_up(physical, virtual_object))
    /// # }
    /// ```
    pub fn copy_status_up<T: Object>(self, physical: &Physical<T>, virtual_object: &Virtual<T>) -> Self {
        const STATUS: &str = "/status";
        let status = physical.handle().get(STATUS);
        if status == virtual_object.handle().get(STATUS) {
            return self;
        }
        self.desire_status(Side::Virtual, Body::fields([(STATUS, status)]))
    }

    /// This half of the pair shall be gone.
    pub fn remove(self, side: Side) -> Self {
        self.and(Intent::Remove(side))
    }

    /// Another object than the pair's shall look like this: server-side apply, with the plugin as the field manager.
    /// The body is [`whole`](Body::whole). The plugin [asks](crate::Plugin::asks) for it.
    pub fn apply(self, target: Target, body: Body) -> Self {
        self.and(Intent::Apply(Placed { target, body }))
    }

    /// Another object than the pair's shall be gone: the one that a [`Watch`](crate::Watch) of the syncer shows there. The
    /// plugin [asks](crate::Plugin::asks) for it.
    pub fn delete(self, target: Target) -> Self {
        self.and(Intent::Delete(target))
    }

    /// A Kubernetes Event on the virtual object. `reason` is one CamelCase word.
    pub fn event(self, reason: impl Into<String>, message: impl Into<String>) -> Self {
        self.and(Intent::Event(Note { warning: false, reason: reason.into(), message: message.into() }))
    }

    /// An Event of type Warning.
    pub fn warning(self, reason: impl Into<String>, message: impl Into<String>) -> Self {
        self.and(Intent::Event(Note { warning: true, reason: reason.into(), message: message.into() }))
    }

    /// Call again after this time, changed or not; to the millisecond, 49 days at most.
    pub fn requeue(self, after: Duration) -> Self {
        self.and(Intent::Requeue(after.as_millis().try_into().unwrap_or(u32::MAX)))
    }

    fn and(mut self, intent: Intent) -> Self {
        self.0.push(intent);
        self
    }
}

impl From<Intents> for Vec<Intent> {
    fn from(intents: Intents) -> Self {
        intents.0
    }
}

impl Body {
    /// The whole object.
    ///
    /// # Errors
    /// It has no JSON, such as a map with keys that are no strings.
    pub fn whole(object: &impl Serialize) -> Result<Self, Failure> {
        Ok(Self::Whole(serde_json::to_string(object)?))
    }

    /// An RFC 7386 merge patch: maps are merged, `null` removes, all else is replaced. It is laid on the object as it
    /// stands on that side or, where there is none yet, on the translation of the other side's.
    ///
    /// # Errors
    /// It has no JSON, such as a map with keys that are no strings.
    pub fn patch(patch: &impl Serialize) -> Result<Self, Failure> {
        Ok(Self::MergePatch(serde_json::to_string(patch)?))
    }

    /// Single fields by JSON pointer, as [`Handle::get`](crate::Handle::get) gives them: each is set to this JSON, or
    /// taken away. It is laid on what a patch is laid on, but replaces whole maps.
    pub fn fields<'a>(fields: impl IntoIterator<Item = (&'a str, Option<String>)>) -> Self {
        let field = |(pointer, value): (&str, _)| Field { pointer: pointer.to_owned(), value };
        Self::Fields(fields.into_iter().map(field).collect())
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;
    use serde_json::json;

    use super::*;

    #[test]
    fn intents_keep_their_order() {
        let intents = Intents::none().remove(Side::Physical).warning("Gone", "it went").requeue(Duration::from_secs(2));
        let note = Note { warning: true, reason: "Gone".to_owned(), message: "it went".to_owned() };
        let expected = vec![Intent::Remove(Side::Physical), Intent::Event(note), Intent::Requeue(2000)];
        assert_eq!(Vec::from(intents), expected);
    }

    #[test]
    fn a_delay_that_does_not_fit_is_the_longest_that_does() {
        let intents = Intents::none().requeue(Duration::from_secs(u64::MAX));
        assert_eq!(Vec::from(intents), vec![Intent::Requeue(u32::MAX)]);
    }

    #[test]
    fn a_whole_object_says_its_kind() {
        let Ok(Body::Whole(json)) = Body::whole(&ConfigMap::default()) else { panic!("no whole object") };
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(json, json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": {} }));
    }
}
