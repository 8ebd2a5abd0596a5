use crate::{Answer, Context, Failure, Gvk, Intents, Key, Object, Reference, Virtual, Watch};

/// Makes virtual objects that stand for nothing below: one wherever other virtual objects name it, for as long as they
/// do. vCluster calls it a fake syncer.
///
/// What somebody else made under that name is left alone.
///
/// ```no_run
/// use sluice_sdk::k8s_openapi::api::scheduling::v1::PriorityClass;
/// use sluice_sdk::{Context, Failure, Gvk, Key, Reference, VirtualSyncer};
///
/// /// A class for each one that Pods name.
/// struct Classes;
///
/// impl VirtualSyncer for Classes {
///     type Object = PriorityClass;
///     const NAME: &'static str = "classes";
///
///     fn references(&self) -> Vec<Reference> {
///         vec![Reference::new(Gvk::from_api_version("v1", "Pod"), ["/spec/priorityClassName"])]
///     }
///
///     fn create(&self, _: &Context, wanted: &Key) -> Result<PriorityClass, Failure> {
///         let mut class = PriorityClass { value: Some(1000), ..PriorityClass::default() };
///         class.metadata.name = Some(wanted.name.clone());
///         Ok(class)
///     }
/// }
///
/// sluice_sdk::plugin!(alone Classes);
/// # fn main() {}
/// ```
pub trait VirtualSyncer {
    /// What the syncer sees of its objects; see [`Object`].
    type Object: Object;

    /// Its name in the registration, in logs and in metrics; one per plugin.
    const NAME: &'static str;

    /// [`Self::NAME`], unless a plugin has several syncers of this type.
    fn name(&self) -> String {
        Self::NAME.into()
    }

    /// The kind of its objects. Those of a type have the type's; a syncer of [`Dynamic`](crate::Dynamic) or
    /// [`Handle`](crate::Handle) says it, or the plugin does not compile.
    fn kind(&self) -> Gvk {
        const {
            <Self::Object as Object>::KIND.expect("a syncer of Dynamic or Handle must override VirtualSyncer::kind")
        }
        .into()
    }

    /// Which virtual objects want one, and where they name it. Without any, a watch [selects](Watch::selects).
    fn references(&self) -> Vec<Reference> {
        Vec::new()
    }

    /// Objects of other kinds that its own depend on. The component has to export that:
    /// `plugin!(impl P: virtual_syncer watch)`.
    fn watches(&self) -> Vec<Watch> {
        Vec::new()
    }

    /// One is wanted, and not there. The runtime sets its name and namespace.
    ///
    /// # Errors
    /// Nothing is written, and it waits as the failure says.
    fn create(&self, ctx: &Context, wanted: &Key) -> Result<<Self::Object as Object>::Form, Failure>;

    /// One is there. This is the time for its status, too: an API server takes none with a new object.
    ///
    /// # Errors
    /// Nothing is written, and it waits as the failure says.
    fn sync(&self, _ctx: &Context, _virtual_object: &Virtual<Self::Object>) -> Answer {
        Ok(Intents::none())
    }
}
