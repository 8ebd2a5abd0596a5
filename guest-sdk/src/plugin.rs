use crate::{Answer, Ask, Config, Hooks, Init, Intents, Interceptors, Syncers};

/// A plugin with a config, with something to apply when it starts, or with more to ask for than its copies need.
/// One that only has syncers does without: `plugin!(ConfigMaps)` is enough.
///
/// Like everything in a plugin it is made anew for each call.
///
/// ```no_run
/// use sluice_sdk::schemars::JsonSchema;
/// use sluice_sdk::serde::Deserialize;
/// use sluice_sdk::{Answer, Ask, Init, Intents, Plugin, Side, Syncers, Verb};
/// # use sluice_sdk::{Body, Context, Failure, Gvk, Handle, Physical, Syncer, Virtual, serde_json::json};
///
/// /// What the operator writes.
/// #[derive(Deserialize, JsonSchema)]
/// #[serde(crate = "sluice_sdk::serde", default, deny_unknown_fields)]
/// #[schemars(crate = "sluice_sdk::schemars")]
/// struct Config {
///     /// How many wheels a car has.
///     wheels: u8,
/// }
///
/// impl Default for Config {
///     fn default() -> Self {
///         Self { wheels: 4 }
///     }
/// }
///
/// struct Cars {
///     config: Config,
/// }
///
/// impl Plugin for Cars {
///     type Config = Config;
///
///     fn new(config: Config) -> Result<Self, String> {
///         if config.wheels == 0 { Err("wheels: a car has one at least".into()) } else { Ok(Self { config }) }
///     }
///
///     fn syncers(self) -> Syncers {
///         Syncers::new().down(self)
///     }
///
///     fn asks(&self) -> Vec<Ask> {
///         vec![Ask::new(Side::Virtual, "", "ConfigMap").verbs([Verb::Create, Verb::Update]).names(["garage"])]
///     }
///
///     fn init(&self, _: &Init) -> Answer {
///         Intents::none().apply_all(
///             Side::Virtual,
///             "
///             apiVersion: v1
///             kind: ConfigMap
///             metadata: { name: garage, namespace: default }
///             ",
///         )
///     }
/// }
/// #
/// # impl Syncer for Cars {
/// #     type Object = Handle;
/// #     const NAME: &'static str = "cars";
/// #     fn kind(&self) -> Gvk { Gvk::new("example.com", "v1", "Car") }
/// #     fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
/// #         Body::patch(&json!({ "spec": { "wheels": self.config.wheels } }))
/// #     }
/// #     fn sync(&self, ctx: &Context, physical: &Physical<Handle>, virtual_object: &Virtual<Handle>) -> Answer {
/// #         ctx.carry_down(physical, virtual_object, ["/spec"])
/// #     }
/// # }
///
/// sluice_sdk::plugin!(impl Cars);
/// # fn main() {}
/// ```
pub trait Plugin: Sized {
    /// What the operator can say to it; `()` for nothing.
    type Config: Config;

    /// With the operator's config, which fits its schema.
    ///
    /// # Errors
    /// What is wrong with the config all the same. It is shown to the operator, and the plugin does not start.
    fn new(config: Self::Config) -> Result<Self, String>;

    /// What it keeps in step.
    fn syncers(self) -> Syncers {
        Syncers::new()
    }

    /// What it reviews. Its component has to export that: `plugin!(impl Cars: syncer hooks)`.
    fn hooks(self) -> Hooks {
        Hooks::new()
    }

    /// What it answers in place of the virtual cluster's API server. Its component has to export that:
    /// `plugin!(impl Cars: syncer interceptor)`. The operator grants the rules, or the plugin does not start.
    fn interceptors(self) -> Interceptors {
        Interceptors::new()
    }

    /// What it wants to do beyond keeping copies. Unless the operator grants it all, the plugin does not start.
    ///
    /// What follows from a syncer is asked for by itself: its finalizers, its CustomResourceDefinition, and to read the
    /// namespaces that its [`Names`](crate::Names) name. And so is what its hooks see.
    fn asks(&self) -> Vec<Ask> {
        Vec::new()
    }

    /// Called before the syncers run: what shall be applied, in this order. What comes after a
    /// CustomResourceDefinition waits until that is served. Nothing but [`Intents::apply`] and [`Intents::apply_all`]
    /// can be asked for here, and both need [`Self::asks`].
    ///
    /// # Errors
    /// It is tried again from the start.
    fn init(&self, _ctx: &Init) -> Answer {
        Ok(Intents::none())
    }
}
