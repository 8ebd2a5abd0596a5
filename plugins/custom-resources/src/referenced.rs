//! The Secrets and ConfigMaps that custom resources name: those alone are copied.

use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Physical, Reference, Syncer, Virtual};

use crate::config::Resource;
use crate::patch::Kind;

pub(crate) struct Referenced {
    kind: Kind,
    references: Vec<Reference>,
}

impl Referenced {
    /// One for each kind that is named.
    pub(crate) fn of(resources: &[Resource]) -> Vec<Self> {
        let of = |kind: Kind| {
            let paths = |resource: &Resource| {
                let patches = resource.patches.iter().filter(|patch| patch.reference == Some(kind));
                patches.map(|patch| patch.path.clone()).collect::<Vec<_>>()
            };
            let references = resources.iter().map(|resource| Reference::new(resource.gvk(), paths(resource)));
            let references: Vec<_> = references.filter(|reference| !reference.paths.is_empty()).collect();
            (!references.is_empty()).then_some(Self { kind, references })
        };
        [Kind::Secret, Kind::ConfigMap].into_iter().filter_map(of).collect()
    }
}

impl Syncer for Referenced {
    type Object = Handle;
    const NAME: &'static str = "referenced";

    fn name(&self) -> String {
        match self.kind {
            Kind::Secret => "secrets".into(),
            Kind::ConfigMap => "configmaps".into(),
        }
    }

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", if self.kind == Kind::Secret { "Secret" } else { "ConfigMap" })
    }

    fn references(&self) -> Vec<Reference> {
        self.references.clone()
    }

    /// All of it.
    fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        Ok(Body::MergePatch("{}".into()))
    }

    fn sync(&self, ctx: &Context, physical: &Physical<Handle>, virtual_object: &Virtual<Handle>) -> Answer {
        ctx.carry_down(physical, virtual_object, ["/data", "/binaryData", "/type", "/immutable"])
    }
}
