//! The plugins that run: configured, registered, granted what they ask for, and without two that would keep the same
//! objects or answer the same requests.

mod error;
mod loaded;

use std::path::Path;
use std::sync::Arc;

use sluice_core::config::{Config, PluginConfig};
use sluice_core::interception::{self, Owner, Table};
use sluice_core::limits::Limits;
use sluice_core::schema::Schema;
use sluice_core::syncer::Syncer;
use sluice_core::translate::Translator;
use sluice_loader::Found;
use sluice_sandbox::{Component, Linked, Sandbox, Setting};
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
        let found = sluice_loader::open_folder(folder)?;
        for name in config.plugins.keys().filter(|name| !found.iter().any(|found| found.name == **name)) {
            warn!(plugin = name, folder = %folder.display(), "it is configured, and not in the plugin folder");
        }
        let load = |found: &Found| {
            let given = config.plugins.get(&found.name).cloned().unwrap_or_default();
            load(sandbox, found, given, translator)
                .map_err(|problem| PluginError::Plugin { path: found.path.clone(), problem: problem.into() })
        };
        let plugins = found.iter().map(load).collect::<Result<Vec<_>, _>>()?;
        let table = Arc::new(Table::new(plugins.iter().flat_map(rules))?);
        Ok(Self { all: beside(plugins)?, table })
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

/// The rules of its interceptors, each with whose it is.
fn rules(plugin: &Loaded) -> impl Iterator<Item = (Owner, interception::Rule)> {
    plugin.plugin.registration().interceptors.iter().flat_map(|interceptor| {
        let owner = Owner { plugin: plugin.name().to_owned(), interceptor: interceptor.name.clone() };
        interceptor.rules.iter().map(move |rule| (owner.clone(), rule.clone()))
    })
}

fn load(
    sandbox: &Sandbox,
    found: &Found,
    given: PluginConfig,
    translator: &Arc<Translator>,
) -> Result<Loaded, Problem> {
    if let Some(wanted) = given.digest.clone().filter(|wanted| !wanted.is(&found.digest)) {
        return Err(Problem::Digest { plugin: found.name.clone(), wanted, found: found.digest.clone() });
    }
    let config = given.value();
    let setting = Setting {
        plugin: found.name.clone(),
        translator: Arc::clone(translator),
        config: config.to_string(),
        limits: Limits::default(),
    };
    let linked = Linked::new(sandbox, &Component::new(sandbox, &found.bytes)?, setting)?;
    let schema = Schema::parse(&linked.config_schema()?)?;
    let problems = schema.check(&config)?;
    if !problems.is_empty() {
        return Err(Problem::Config { plugin: found.name.clone(), problems });
    }
    let plugin = linked.register()?;
    let registration = plugin.registration();
    let missing = given.grants.missing(&registration.asks(translator.namespace()));
    let asked: Vec<_> = registration.interceptors.iter().flat_map(|one| one.rules.clone()).collect();
    let rules = interception::missing(&given.interceptors, &asked);
    if !missing.is_empty() || !rules.is_empty() {
        return Err(Problem::NotGranted { plugin: found.name.clone(), missing, rules });
    }
    if registration.syncers.is_empty()
        && registration.hooks.is_empty()
        && registration.interceptors.is_empty()
        && registration.asks.is_empty()
    {
        warn!(
            plugin = found.name,
            "it registers neither syncer nor hook nor interceptor and asks for nothing: there is nothing that it would do"
        );
    }
    info!(plugin = found.name, version = registration.version, digest = found.digest, "loaded plugin");
    let syncer = |registered: &_| Arc::new(Syncer::new(Clone::clone(registered), &found.name, Arc::clone(translator)));
    let syncers = registration.syncers.iter().map(syncer).collect();
    Ok(Loaded { plugin, grants: given.grants, syncers })
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
