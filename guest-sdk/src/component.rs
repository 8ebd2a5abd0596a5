//! What [`plugin!`](crate::plugin!) makes of a plugin.

use crate::{Config, Plugin};

/// A component: what its package is called, and the plugin in it.
pub trait Component {
    /// Its package's.
    const NAME: &'static str;
    /// Its package's.
    const VERSION: &'static str;
    /// Its package's.
    const DESCRIPTION: &'static str;

    /// What its author wrote.
    type Plugin: Plugin;

    /// The plugin with the operator's config.
    fn plugin() -> Result<Self::Plugin, String> {
        Self::Plugin::new(<Self::Plugin as Plugin>::Config::read()?)
    }
}

/// Makes a component of the crate, whose type is `cdylib`; once per crate. The package's name, version and
/// description become the plugin's.
///
/// - `plugin!(ConfigMaps, Secrets)`: these [`Syncer`](crate::Syncer)s, and no config.
/// - `plugin!(up StorageClasses)`: these [`UpSyncer`](crate::UpSyncer)s, and no config.
/// - `plugin!(alone Nodes)`: these [`VirtualSyncer`](crate::VirtualSyncer)s, and no config.
/// - `plugin!(hooks Labelled, Limited)`: these [`Hook`](crate::Hook)s, and no config.
/// - `plugin!(interceptors Pods)`: these [`Interceptor`](crate::Interceptor)s, and no config.
/// - `plugin!(impl Cars)`: all that this type's [`Plugin`] says, with syncers.
/// - `plugin!(impl Cars: hooks)`, `plugin!(impl Cars: syncer hooks)`: the same, with hooks or with both. What a
///   component can export is `syncer`, `virtual_syncer` (for [`VirtualSyncer`](crate::VirtualSyncer)s), `watch` (for a
///   syncer with [watches](crate::Watch)), `mapping` (for one with [own names](crate::Names::Own)) `hooks`
///   and `interceptor`.
#[macro_export]
macro_rules! plugin {
    (impl $Plugin:ty) => {
        $crate::plugin!(impl $Plugin: syncer);
    };
    (impl $Plugin:ty: $($interface:ident)+) => {
        const _: () = {
            struct Component;

            impl $crate::component::Component for Component {
                const NAME: &'static str = env!("CARGO_PKG_NAME");
                const VERSION: &'static str = env!("CARGO_PKG_VERSION");
                const DESCRIPTION: &'static str = env!("CARGO_PKG_DESCRIPTION");

                type Plugin = $Plugin;
            }

            // A component's exports have names that no native linker takes, so natively nothing is exported. This keeps
            // the plugin from being dead code there.
            const _: fn() -> Result<$Plugin, String> = <Component as $crate::component::Component>::plugin;

            #[cfg(target_family = "wasm")]
            $crate::bindings::lifecycle::export_lifecycle!(
                Component with_types_in $crate::bindings::lifecycle
            );
            $($crate::plugin!(@export $interface Component);)+
        };
    };
    (@export syncer $Component:ident) => {
        #[cfg(target_family = "wasm")]
        $crate::bindings::syncer::export_syncer!($Component with_types_in $crate::bindings::syncer);
    };
    (@export virtual_syncer $Component:ident) => {
        #[cfg(target_family = "wasm")]
        $crate::bindings::virtual_syncer::export_virtual_syncer!(
            $Component with_types_in $crate::bindings::virtual_syncer
        );
    };
    (@export watch $Component:ident) => {
        #[cfg(target_family = "wasm")]
        $crate::bindings::watch::export_watch!($Component with_types_in $crate::bindings::watch);
    };
    (@export mapping $Component:ident) => {
        #[cfg(target_family = "wasm")]
        $crate::bindings::mapping::export_mapping!($Component with_types_in $crate::bindings::mapping);
    };
    (@export hooks $Component:ident) => {
        #[cfg(target_family = "wasm")]
        $crate::bindings::hooks::export_hooks!($Component with_types_in $crate::bindings::hooks);
    };
    (@export interceptor $Component:ident) => {
        #[cfg(target_family = "wasm")]
        $crate::bindings::interceptor::export_interceptor!(
            $Component with_types_in $crate::bindings::interceptor
        );
    };
    // What a list makes: a plugin without a config that has one method.
    (@plain $interface:ident $method:ident $List:ident $add:ident $($item:expr),+) => {
        const _: () = {
            struct Plain;

            impl $crate::Plugin for Plain {
                type Config = ();

                fn new((): ()) -> Result<Self, String> {
                    Ok(Self)
                }

                fn $method(self) -> $crate::$List {
                    $crate::$List::new()$(.$add($item))+
                }
            }

            $crate::plugin!(impl Plain: $interface);
        };
    };
    (hooks $($hook:expr),+ $(,)?) => {
        $crate::plugin!(@plain hooks hooks Hooks with $($hook),+);
    };
    (interceptors $($interceptor:expr),+ $(,)?) => {
        $crate::plugin!(@plain interceptor interceptors Interceptors with $($interceptor),+);
    };
    (alone $($syncer:expr),+ $(,)?) => {
        $crate::plugin!(@plain virtual_syncer syncers Syncers alone $($syncer),+);
    };
    (up $($syncer:expr),+ $(,)?) => {
        $crate::plugin!(@plain syncer syncers Syncers up $($syncer),+);
    };
    ($($syncer:expr),+ $(,)?) => {
        $crate::plugin!(@plain syncer syncers Syncers down $($syncer),+);
    };
}
