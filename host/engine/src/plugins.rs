//! The plugins that run: configured, registered, granted what they ask for, and without two that would keep the same
//! objects or answer the same requests.

mod error;
mod loaded;

use std::path::Path;
use std::sync::Arc;

use sluice_core::config::{Config, PluginConfig};
use sluice_core::grants::Grant;
use sluice_core::interception::{self, Owner, Table};
use sluice_core::schema::Schema;
use sluice_core::syncer::Syncer;
use sluice_core::translate::Translator;
use sluice_loader::Found;
use sluice_sandbox::{Component, Linked, Plugin, Sandbox, Setting};
use tracing::{info, warn};

pub use error::{PluginError, Problem};
pub use loaded::Loaded;

/// All plugins, in their order.
#[derive(Clone)]
pub struct Plugins {
    all: Vec<Loaded>,
    /// Who answers which API request.
    pub(crate) table: Arc<Table>,
}

impl Plugins {
    /// Loads every component of a folder, in the order of their names.
    pub fn open(
        sandbox: &Sandbox,
        folder: &Path,
        config: &Config,
        translator: &Arc<Translator>,
    ) -> Result<Self, PluginError> {
        let each = |found: &Found, given| Registered::new(sandbox, found, given, translator)?.granted();
        let plugins = open(folder, config, each)?;
        let table = Arc::new(Table::new(plugins.iter().flat_map(rules))?);
        Ok(Self { all: beside(plugins)?, table })
    }

    /// Registers every component of a folder, whatever it is given.
    pub fn registered(
        sandbox: &Sandbox,
        folder: &Path,
        config: &Config,
        translator: &Arc<Translator>,
    ) -> Result<Vec<Registered>, PluginError> {
        open(folder, config, |found, given| Registered::new(sandbox, found, given, translator))
    }

    /// Whether any of them answers API requests.
    pub fn intercept(&self) -> bool {
        !self.table.is_empty()
    }

    /// In their order.
    pub fn iter(&self) -> impl Iterator<Item = &Loaded> {
        self.all.iter()
    }
}

/// Makes something of every component of a folder, with what the config says of it.
fn open<T>(
    folder: &Path,
    config: &Config,
    each: impl Fn(&Found, PluginConfig) -> Result<T, Problem>,
) -> Result<Vec<T>, PluginError> {
    let found = sluice_loader::open_folder(folder)?;
    for name in config.plugins.keys().filter(|name| !found.iter().any(|found| found.name == **name)) {
        warn!(plugin = name, folder = %folder.display(), "it is configured, and not in the plugin folder");
    }
    let each = |found: &Found| {
        let given = config.plugins.get(&found.name).cloned().unwrap_or_default();
        each(found, given).map_err(|problem| PluginError::Plugin { path: found.path.clone(), problem: problem.into() })
    };
    found.iter().map(each).collect()
}

/// The rules of its interceptors, each with whose it is.
fn rules(plugin: &Loaded) -> impl Iterator<Item = (Owner, interception::Rule)> {
    plugin.plugin.registration().interceptors.iter().flat_map(|interceptor| {
        let owner = Owner { plugin: plugin.name().to_owned(), interceptor: interceptor.name.clone() };
        interceptor.rules.iter().map(move |rule| (owner.clone(), rule.clone()))
    })
}

/// A plugin that has registered, and what the operator says of it.
pub struct Registered {
    /// To be called.
    pub plugin: Plugin,
    /// What it is given.
    pub given: PluginConfig,
    digest: String,
}

impl Registered {
    fn new(
        sandbox: &Sandbox,
        found: &Found,
        given: PluginConfig,
        translator: &Arc<Translator>,
    ) -> Result<Self, Problem> {
        if let Some(wanted) = given.digest.clone().filter(|wanted| !wanted.is(&found.digest)) {
            return Err(Problem::Digest { plugin: found.name.clone(), wanted, found: found.digest.clone() });
        }
        let config = given.value();
        let setting = Setting {
            plugin: found.name.clone(),
            translator: Arc::clone(translator),
            config: config.to_string(),
            limits: given.limits.limits(&found.name)?,
        };
        let linked = Linked::new(sandbox, &Component::new(sandbox, &found.bytes)?, setting)?;
        let schema = Schema::parse(&linked.config_schema()?)?;
        let problems = schema.check(&config)?;
        if !problems.is_empty() {
            return Err(Problem::Config { plugin: found.name.clone(), problems });
        }
        Ok(Self { plugin: linked.register()?, given, digest: found.digest.clone() })
    }

    /// What the operator calls it.
    pub fn name(&self) -> &str {
        &self.plugin.setting().plugin
    }

    /// What it asks for and is not given, where the target namespace is called this.
    pub fn missing(&self, target: &str) -> (Vec<Grant>, Vec<interception::Rule>) {
        let registration = self.plugin.registration();
        let asks: Vec<_> = registration.asks().into_iter().map(|ask| ask.at(target)).collect();
        let rules: Vec<_> = registration.interceptors.iter().flat_map(|one| one.rules.clone()).collect();
        let grants = self.given.grants.clone().at(target).missing(&asks);
        (grants, interception::missing(&self.given.interceptors, &rules))
    }

    /// The plugin, if it is given what it asks for.
    fn granted(self) -> Result<Loaded, Problem> {
        let (missing, rules) = self.missing(self.plugin.setting().translator.namespace());
        let name = self.name().to_owned();
        if !missing.is_empty() || !rules.is_empty() {
            return Err(Problem::NotGranted { plugin: name, missing, rules });
        }
        let Self { plugin, given, digest } = self;
        let (registration, translator) = (plugin.registration(), &plugin.setting().translator);
        if registration.asks().is_empty() && registration.interceptors.is_empty() {
            warn!(plugin = name, "it registers nothing and asks for nothing: there is nothing that it would do");
        }
        info!(plugin = name, version = registration.version, digest, "loaded plugin");
        let syncer = |registered: &_| Arc::new(Syncer::new(Clone::clone(registered), &name, Arc::clone(translator)));
        let syncers = registration.syncers.iter().map(syncer).collect();
        let grants = given.grants.at(translator.namespace());
        Ok(Loaded { plugin, grants, syncers })
    }
}

/// Tells the syncers of each other. Two that would claim the same object are refused.
fn beside(mut plugins: Vec<Loaded>) -> Result<Vec<Loaded>, PluginError> {
    let all: Vec<Arc<Syncer>> = plugins.iter().flat_map(|plugin| plugin.syncers.clone()).collect();
    for (at, one) in all.iter().enumerate() {
        if let Some(other) = all[at + 1..].iter().find(|other| claim_the_same(one, other)) {
            return Err(PluginError::Claimed {
                one: one.mark().into(),
                other: other.mark().into(),
                gvk: Box::new(one.gvk().clone()),
                everything: one.registered.is_exclusive() && other.registered.is_exclusive(),
            });
        }
    }
    for syncer in plugins.iter_mut().flat_map(|plugin| &mut plugin.syncers) {
        let like = |other: &&Arc<Syncer>| other.is_like(syncer) && other.mark() != syncer.mark();
        let others = all.iter().filter(like).map(|other| other.mark().to_owned()).collect();
        *syncer = Arc::new((**syncer).clone().beside(others));
    }
    Ok(plugins)
}

/// Whether an object can be one of both. What is taken only where others name it goes to who comes first.
fn claim_the_same(one: &Syncer, other: &Syncer) -> bool {
    let alike = one.is_like(other);
    let (one, other) = (&one.registered, &other.registered);
    alike
        && !one.is_by_reference()
        && !other.is_by_reference()
        && !one.select.is_apart(&other.select)
        && !one.names.as_ref().zip(other.names.as_ref()).is_some_and(|(one, other)| one.is_apart(other))
}
