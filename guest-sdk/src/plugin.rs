//! What [`plugin!`](crate::plugin!) makes of a list of syncers.

pub use crate::dispatch::AnySyncer;

/// A component: what it is called and what it has.
pub trait Plugin {
    /// Its package's.
    const NAME: &'static str;
    /// Its package's.
    const VERSION: &'static str;
    /// Its package's.
    const DESCRIPTION: &'static str;

    /// In the order of the registration.
    fn syncers() -> Vec<Box<dyn AnySyncer>>;
}

/// Makes a plugin of the crate: `plugin!(ConfigMaps, Secrets)` registers these syncers under the package's name,
/// version and description. Once per crate, whose type is `cdylib`.
#[macro_export]
macro_rules! plugin {
    ($($syncer:expr),+ $(,)?) => {
        const _: () = {
            struct Component;

            impl $crate::plugin::Plugin for Component {
                const NAME: &'static str = env!("CARGO_PKG_NAME");
                const VERSION: &'static str = env!("CARGO_PKG_VERSION");
                const DESCRIPTION: &'static str = env!("CARGO_PKG_DESCRIPTION");

                fn syncers() -> Vec<Box<dyn $crate::plugin::AnySyncer>> {
                    vec![$(Box::new($syncer)),+]
                }
            }

            // A component's exports have names that no native linker takes, so natively nothing is exported. This keeps
            // the plugin from being dead code there.
            const _: fn() -> Vec<Box<dyn $crate::plugin::AnySyncer>> = <Component as $crate::plugin::Plugin>::syncers;

            #[cfg(target_family = "wasm")]
            $crate::bindings::lifecycle::export_lifecycle!(
                Component with_types_in $crate::bindings::lifecycle
            );
            #[cfg(target_family = "wasm")]
            $crate::bindings::syncer::export_syncer!(Component with_types_in $crate::bindings::syncer);
        };
    };
}
