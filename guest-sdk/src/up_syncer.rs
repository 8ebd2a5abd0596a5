use crate::{Answer, Context, Failure, Gvk, Intents, Key, Names, Object, Physical, Select, Side, Virtual, Watch};

/// Brings physical objects of one kind up into the virtual cluster, a pair at a time. The mirror image of
/// [`Syncer`](crate::Syncer), and as pure.
///
/// ```no_run
/// use sluice_sdk::k8s_openapi::api::core::v1::Secret;
/// use sluice_sdk::{Answer, Context, Failure, Names, Physical, UpSyncer, Virtual};
///
/// /// A Secret says in an annotation where it goes.
/// struct Secrets;
///
/// impl UpSyncer for Secrets {
///     type Object = Secret;
///     const NAME: &'static str = "secrets";
///
///     fn names(&self) -> Names {
///         Names::annotation("example.com/import")
///     }
///
///     fn translate(&self, ctx: &Context, physical: &Physical<Secret>) -> Result<Secret, Failure> {
///         Ok(ctx.translate_metadata_up(physical))
///     }
///
///     fn sync(&self, ctx: &Context, physical: &Physical<Secret>, virtual_object: &Virtual<Secret>) -> Answer {
///         ctx.carry_up(physical, virtual_object, ["/type", "/data"])
///     }
/// }
///
/// sluice_sdk::plugin!(up Secrets);
/// # fn main() {}
/// ```
pub trait UpSyncer {
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
        const { <Self::Object as Object>::KIND.expect("a syncer of Dynamic or Handle must override UpSyncer::kind") }
            .into()
    }

    /// Where physical objects go. What goes nowhere is not brought up.
    fn names(&self) -> Names;

    /// Which virtual objects a physical one becomes; none if it is not brought up. Asked where [`Self::names`] are
    /// [`Names::Own`], for each version of it, and again when a watch concerns [all](crate::Concern::All). The component
    /// has to export that: `plugin!(impl P: syncer mapping)`.
    ///
    /// # Errors
    /// It cannot be said now: what was said last stays, and the operator reads why in the log.
    fn to_virtual(&self, _physical: &Physical<Self::Object>) -> Result<Vec<Key>, Failure> {
        Ok(Vec::new())
    }

    /// Objects of other kinds that pairs depend on. The component has to export that: `plugin!(impl P: syncer watch)`.
    fn watches(&self) -> Vec<Watch> {
        Vec::new()
    }

    /// Which of them are brought up, by their labels; all if it does not say. That they are in certain namespaces is
    /// for [`Self::names`] to say.
    fn select(&self) -> Select {
        Select::all()
    }

    /// Whether finalizers of either half hold the other.
    fn finalizers(&self) -> bool {
        false
    }

    /// The CustomResourceDefinition that is copied to the side that lacks it, such as `cars.example.com`.
    fn crd(&self) -> Option<String> {
        None
    }

    /// The virtual form of a physical object, without regard to what stands there.
    ///
    /// # Errors
    /// It has none (yet).
    fn translate(
        &self,
        ctx: &Context,
        physical: &Physical<Self::Object>,
    ) -> Result<<Self::Object as Object>::Form, Failure>;

    /// The physical object exists, the virtual one does not: it is made from [`Self::translate`].
    ///
    /// # Errors
    /// Nothing is written, and the pair waits as the failure says.
    fn sync_up(&self, ctx: &Context, physical: &Physical<Self::Object>) -> Answer {
        ctx.sync_up_create(self.translate(ctx, physical)?)
    }

    /// Both exist.
    ///
    /// # Errors
    /// Nothing is written, and the pair waits as the failure says.
    fn sync(&self, ctx: &Context, physical: &Physical<Self::Object>, virtual_object: &Virtual<Self::Object>) -> Answer;

    /// The virtual copy exists, the physical object that it was made from is gone: the copy is removed.
    ///
    /// # Errors
    /// Nothing is written, and the pair waits as the failure says.
    fn sync_down(&self, _ctx: &Context, _virtual_object: &Virtual<Self::Object>) -> Answer {
        Ok(Intents::none().remove(Side::Virtual))
    }
}
