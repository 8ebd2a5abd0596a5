//! Plugins for the tests of this crate.

use k8s_openapi::api::apps::v1::Deployment;

use crate::plugin::{AnySyncer, Plugin};
use crate::{Answer, Context, Failure, Gvk, Handle, Object, Physical, Syncer, Virtual};

macro_rules! syncer {
    ($Syncer:ident, $Object:ty, $name:literal $(, $kind:expr)?) => {
        pub(crate) struct $Syncer;

        impl Syncer for $Syncer {
            type Object = $Object;
            const NAME: &'static str = $name;

            $(fn kind(&self) -> Gvk {
                $kind
            })?

            fn translate(
                &self,
                _: &Context,
                _: &Virtual<$Object>,
            ) -> Result<<$Object as Object>::Form, Failure> {
                Err(Failure::permanent("not called"))
            }

            fn sync(&self, _: &Context, _: &Physical<$Object>, _: &Virtual<$Object>) -> Answer {
                Err(Failure::permanent("not called"))
            }
        }
    };
}

syncer!(Deployments, Deployment, "deployments");
syncer!(Widgets, Handle, "widgets", Gvk::new("example.com", "v1beta1", "Widget"));

/// A plugin with both.
pub(crate) struct Both;

impl Plugin for Both {
    const NAME: &'static str = "both";
    const VERSION: &'static str = "1.2.3";
    const DESCRIPTION: &'static str = "A type and none";

    fn syncers() -> Vec<Box<dyn AnySyncer>> {
        vec![Box::new(Deployments), Box::new(Widgets)]
    }
}
