use crate::bindings::watch::exports::sluice::plugin::watch;
use crate::registration;
use crate::{Failure, Gvk, Handle, Key, Object, Select, Side};

pub use watch::Concern;

/// Objects of another kind that the pairs of a syncer depend on: when one changes, the pairs that it concerns are looked
/// at again. The runtime remembers what it was told for each version of an object, so it is an index too:
/// [`watched`](crate::watched) finds the objects that concern a pair.
///
/// The operator has to grant that the plugin reads them.
///
/// ```no_run
/// use sluice_sdk::k8s_openapi::api::networking::v1::Ingress;
/// use sluice_sdk::{Concern, Key, Side, Watch};
///
/// // Secrets that an Ingress names in an annotation.
/// Watch::of(Side::Virtual, "ingresses", |ingress: &Ingress| {
///     let names = ingress.metadata.annotations.iter().flatten();
///     let names = names.filter(|(key, _)| *key == "example.com/auth-secret").map(|(_, name)| name.clone());
///     Concern::pairs(names.map(|name| Key { namespace: ingress.metadata.namespace.clone(), name }))
/// })
/// .selects();
/// ```
pub struct Watch {
    registered: registration::Watch,
    concern: Box<Says>,
}

/// What an object concerns, for whatever type it is read as.
type Says = dyn Fn(&Handle) -> Result<Concern, Failure>;

impl Watch {
    /// Objects of the kind that a type has, on one side. `name`: one of the syncer's. `concern`: which pairs one of them
    /// concerns.
    pub fn of<T: Object + 'static>(
        side: Side,
        name: impl Into<String>,
        concern: impl Fn(&T) -> Concern + 'static,
    ) -> Self {
        let kind = const { T::KIND.expect("Dynamic and Handle have no kind of their own: use Watch::of_kind") };
        Self::of_kind(side, name, kind.into(), concern)
    }

    /// The same for a kind that has no type: `T` is [`Dynamic`](crate::Dynamic) or [`Handle`].
    pub fn of_kind<T: Object + 'static>(
        side: Side,
        name: impl Into<String>,
        kind: Gvk,
        concern: impl Fn(&T) -> Concern + 'static,
    ) -> Self {
        let registered = registration::Watch { name: name.into(), side, kind, select: Select::all(), selects: false };
        let concern = move |seen: &Handle| {
            let object = T::read(seen).map_err(|error| Failure::permanent(format!("the watched object: {error}")))?;
            Ok(concern(&object))
        };
        Self { registered, concern: Box::new(concern) }
    }

    /// Only some of them. A namespace that is empty is the target namespace.
    #[must_use]
    pub fn select(mut self, select: Select) -> Self {
        self.registered.select = select;
        self
    }

    /// Only what they concern is synced; and what its syncer makes for itself, it makes for what they concern. Not for
    /// an [`UpSyncer`](crate::UpSyncer).
    #[must_use]
    pub fn selects(mut self) -> Self {
        self.registered.selects = true;
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.registered.name
    }

    pub(crate) fn registered(self) -> registration::Watch {
        self.registered
    }

    pub(crate) fn concern(&self, seen: &Handle) -> Result<Concern, Failure> {
        (self.concern)(seen)
    }
}

impl Concern {
    /// The pairs of these virtual keys.
    pub fn pairs(keys: impl IntoIterator<Item = Key>) -> Self {
        Self::Pairs(keys.into_iter().collect())
    }

    /// No pair.
    pub fn none() -> Self {
        Self::Pairs(Vec::new())
    }
}
