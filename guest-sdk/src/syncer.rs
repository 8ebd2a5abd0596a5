use crate::{Answer, Context, Failure, Gvk, Intents, Object, Physical, Reference, Select, Side, Virtual, Watch};

/// Keeps virtual objects of one kind and their physical copies in step, a pair at a time. What comes from the physical
/// cluster is for an [`UpSyncer`](crate::UpSyncer).
///
/// Every method is pure: each call has a sandbox of its own, so nothing is remembered from one to the next but what
/// the clusters hold.
pub trait Syncer {
    /// What the syncer sees of its objects: a kind of [`k8s_openapi`], [`Dynamic`](crate::Dynamic) or
    /// [`Handle`](crate::Handle).
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
        const { <Self::Object as Object>::KIND.expect("a syncer of Dynamic or Handle must override Syncer::kind") }
            .into()
    }

    /// Which virtual objects are copied; all if it does not say.
    fn select(&self) -> Select {
        Select::all()
    }

    /// Of those, only what other objects name; all if it does not say.
    fn references(&self) -> Vec<Reference> {
        Vec::new()
    }

    /// Objects of other kinds that pairs depend on. The component has to export that: `plugin!(impl P: syncer watch)`.
    fn watches(&self) -> Vec<Watch> {
        Vec::new()
    }

    /// Whether finalizers of either half hold the other. A finalizer that a tenant sets then holds the copy too, and
    /// with it the target namespace, for as long as the virtual object has it.
    fn finalizers(&self) -> bool {
        false
    }

    /// The CustomResourceDefinition that is copied to the side that lacks it, such as `cars.example.com`.
    fn crd(&self) -> Option<String> {
        None
    }

    /// The physical form of a virtual object, without regard to what stands there.
    ///
    /// # Errors
    /// It has none (yet).
    fn translate(
        &self,
        ctx: &Context,
        virtual_object: &Virtual<Self::Object>,
    ) -> Result<<Self::Object as Object>::Form, Failure>;

    /// The virtual object exists, the physical one does not: it is made from [`Self::translate`].
    ///
    /// # Errors
    /// Nothing is written, and the pair waits as the failure says.
    fn sync_down(&self, ctx: &Context, virtual_object: &Virtual<Self::Object>) -> Answer {
        ctx.sync_down_create(self.translate(ctx, virtual_object)?)
    }

    /// Both exist.
    ///
    /// # Errors
    /// Nothing is written, and the pair waits as the failure says.
    fn sync(&self, ctx: &Context, physical: &Physical<Self::Object>, virtual_object: &Virtual<Self::Object>) -> Answer;

    /// The physical object exists, the virtual one does not: a copy that outlived its virtual object is removed, and
    /// what was never a copy is left alone.
    ///
    /// # Errors
    /// Nothing is written, and the pair waits as the failure says.
    fn sync_up(&self, _ctx: &Context, physical: &Physical<Self::Object>) -> Answer {
        Ok(match physical.origin() {
            Some(_) => Intents::none().remove(Side::Physical),
            None => Intents::none(),
        })
    }
}
