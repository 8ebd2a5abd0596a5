//! The plugins that run: configured, registered, granted what they ask for, and without two that would keep the same
//! objects or answer the same requests.

mod error;
mod loaded;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use sluice_core::config::{Config, PluginConfig};
use sluice_core::grants::Grant;
use sluice_core::interception::{self, Owner, Table};
use sluice_core::schema::Schema;
use sluice_core::syncer::Syncer;
use sluice_core::translate::Translator;
use sluice_loader::{Found, LoadError};
use sluice_sandbox::{Component, Linked, Plugin, Sandbox, Setting};
use tracing::{info, info_span, warn};

pub use error::{PluginError, Problem};
pub use loaded::Loaded;

/// All plugins that go together, in their order: that of their names.
#[derive(Clone, Default)]
pub struct Plugins {
    all: BTreeMap<String, Loaded>,
    /// Who answers which API request.
    pub(crate) table: Arc<Table>,
}

/// What there is of a plugin: a component, or why there is none.
pub struct Offer {
    /// Whose it is.
    pub from: Source,
    /// The operator's name of it.
    pub name: String,
    /// What was found under that name.
    pub found: Result<Found, LoadError>,
}

/// Where a plugin is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A folder of whoever starts the runtime.
    Folder,
    /// Somewhere else, where it comes, goes and breaks by itself: ConfigMaps, a registry.
    Elsewhere,
}

/// A plugin that does not run as it was offered.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct Refused {
    /// The operator's name of it.
    pub plugin: String,
    /// Where it is offered.
    pub from: Source,
    /// Why.
    pub error: PluginError,
    /// Whether it goes on as it was.
    pub kept: bool,
}

impl Plugins {
    /// Loads every component of a folder. Blocks while it computes.
    ///
    /// # Errors
    /// The first that is refused.
    pub fn open(
        sandbox: &Sandbox,
        folder: &Path,
        config: &Config,
        translator: &Arc<Translator>,
    ) -> Result<Self, PluginError> {
        let found = sluice_loader::open_folder(folder)?.into_iter();
        let offer = |found: Found| Offer { from: Source::Folder, name: found.name.clone(), found: Ok(found) };
        let offers = found.map(offer).collect();
        let (plugins, refused) = Self::default().next(sandbox, offers, config, translator);
        refused.into_iter().next().map_or(Ok(plugins), |refused| Err(refused.error))
    }

    /// What comes after these, where this is offered and configured now: what is as it was is the same plugin still, what
    /// is another is loaded, and what is not offered any more is left out. One that cannot be loaded, or not beside the
    /// others, is refused, and stays as it was if it still may. Blocks while it computes.
    #[must_use]
    pub fn next(
        &self,
        sandbox: &Sandbox,
        mut offers: Vec<Offer>,
        config: &Config,
        translator: &Arc<Translator>,
    ) -> (Self, Vec<Refused>) {
        offers.sort_by(|one, other| one.name.cmp(&other.name));
        let offered = |name: &String| offers.iter().any(|offer| offer.name == *name);
        for plugin in config.plugins.keys().filter(|name| !offered(name)) {
            warn!(plugin, "it is configured, and there is no such plugin");
        }
        let mut all: BTreeMap<_, _> = self
            .all
            .iter()
            .filter(|(name, _)| offered(name))
            .map(|(name, loaded)| (name.clone(), loaded.clone()))
            .collect();
        let mut refused = vec![];
        let twice = twice(&offers);
        for Offer { from, name, found } in offers {
            let given = config.plugins.get(&name).cloned().unwrap_or_default();
            let is_allowed = all.get(&name).is_some_and(|former| former.is_allowed(&given));
            let tried = found.map_err(PluginError::from).and_then(|found| {
                if let Some(origins) = twice.get(&name) {
                    return Err(PluginError::Twice { plugin: name.clone(), origins: origins.clone() });
                }
                if all.get(&name).is_some_and(|former| former.is_of(&found.digest, &given)) {
                    return Ok(());
                }
                let origin = found.origin.clone();
                let load = || Registered::new(sandbox, &found, given, translator).and_then(Registered::granted);
                let loaded = info_span!("load", sluice.plugin = name, sluice.digest = found.digest).in_scope(load);
                let loaded = loaded.map_err(|problem| PluginError::Plugin { origin, problem: problem.into() })?;
                let others = all.iter().filter(|(other, _)| **other != name).map(|(_, other)| other);
                apart(others.clone(), &loaded)?;
                Table::new(others.chain([&loaded]).flat_map(rules))?;
                all.insert(name.clone(), loaded);
                Ok(())
            });
            if let Err(error) = tried {
                // What was taken away from it, it does not keep.
                if !is_allowed {
                    all.remove(&name);
                }
                refused.push(Refused { from, kept: is_allowed, plugin: name, error });
            }
        }
        // Any two of them were compared.
        let table = Table::new(all.values().flat_map(rules)).unwrap_or_default();
        (Self { all: beside(all), table: Arc::new(table) }, refused)
    }

    /// Registers every component of a folder, whatever it is given.
    pub fn registered(
        sandbox: &Sandbox,
        folder: &Path,
        config: &Config,
        translator: &Arc<Translator>,
    ) -> Result<Vec<Registered>, PluginError> {
        let registered = |found: Found| {
            let given = config.plugins.get(&found.name).cloned().unwrap_or_default();
            let registered = Registered::new(sandbox, &found, given, translator);
            registered.map_err(|problem| PluginError::Plugin { origin: found.origin, problem: problem.into() })
        };
        sluice_loader::open_folder(folder)?.into_iter().map(registered).collect()
    }

    /// Whether any of them answers API requests.
    pub fn intercept(&self) -> bool {
        !self.table.is_empty()
    }

    /// In their order.
    pub fn iter(&self) -> impl Iterator<Item = &Loaded> {
        self.all.values()
    }
}

/// Where those are found that are found more than once.
fn twice(offers: &[Offer]) -> BTreeMap<String, String> {
    let alike = offers.chunk_by(|one, other| one.name == other.name).filter(|alike| alike.len() > 1);
    let origin = |offer: &Offer| offer.found.as_ref().map_or_else(ToString::to_string, |found| found.origin.clone());
    alike.map(|alike| (alike[0].name.clone(), alike.iter().map(origin).collect::<Vec<_>>().join(" and "))).collect()
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
    origin: String,
}

impl Registered {
    /// Loads a component with what it is given, if it is the one that is meant, and has it register. Blocks while it
    /// computes.
    ///
    /// # Errors
    /// It is another one, it is no plugin, or what it is given does not fit.
    pub fn new(
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
        Ok(Self { plugin: linked.register()?, given, digest: found.digest.clone(), origin: found.origin.clone() })
    }

    /// What the operator calls it.
    pub fn name(&self) -> &str {
        &self.plugin.setting().plugin
    }

    /// What it asks for and is not given, where the target namespace is called this.
    pub fn missing(&self, target: &str) -> (Vec<Grant>, Vec<interception::Rule>) {
        missing(&self.plugin, &self.given, target)
    }

    /// The plugin, if it is given what it asks for.
    fn granted(self) -> Result<Loaded, Problem> {
        let (missing, rules) = self.missing(self.plugin.setting().translator.namespace());
        let name = self.name().to_owned();
        if !missing.is_empty() || !rules.is_empty() {
            return Err(Problem::NotGranted { plugin: name, missing, rules });
        }
        let Self { plugin, given, digest, origin } = self;
        let (registration, translator) = (plugin.registration(), &plugin.setting().translator);
        if registration.asks().is_empty() && registration.interceptors.is_empty() {
            warn!(plugin = name, "it registers nothing and asks for nothing: there is nothing that it would do");
        }
        info!(plugin = name, version = registration.version, digest, "loaded plugin");
        let syncer = |registered: &_| Arc::new(Syncer::new(Clone::clone(registered), &name, Arc::clone(translator)));
        let syncers = registration.syncers.iter().map(syncer).collect();
        let grants = given.grants.clone().at(translator.namespace());
        Ok(Loaded { plugin, grants, origin, syncers, made_of: Arc::new((digest, given)) })
    }
}

/// What a plugin asks for and is not given, where the target namespace is called this.
fn missing(plugin: &Plugin, given: &PluginConfig, target: &str) -> (Vec<Grant>, Vec<interception::Rule>) {
    let registration = plugin.registration();
    let asks: Vec<_> = registration.asks().into_iter().map(|ask| ask.at(target)).collect();
    let rules: Vec<_> = registration.interceptors.iter().flat_map(|one| one.rules.clone()).collect();
    (given.grants.clone().at(target).missing(&asks), interception::missing(&given.interceptors, &rules))
}

/// Makes sure that no syncer of a plugin claims what another claims, of its own or of the others.
fn apart<'a>(others: impl Iterator<Item = &'a Loaded> + Clone, plugin: &Loaded) -> Result<(), PluginError> {
    let theirs = others.flat_map(|other| &other.syncers);
    for (at, own) in plugin.syncers.iter().enumerate() {
        let mut claimants = theirs.clone().chain(&plugin.syncers[..at]);
        if let Some(one) = claimants.find(|one| claim_the_same(one, own)) {
            return Err(PluginError::Claimed {
                one: one.mark().into(),
                other: own.mark().into(),
                gvk: Box::new(own.gvk().clone()),
                everything: one.registered.is_exclusive() && own.registered.is_exclusive(),
            });
        }
    }
    Ok(())
}

/// Tells the syncers of each other.
fn beside(mut plugins: BTreeMap<String, Loaded>) -> BTreeMap<String, Loaded> {
    let all: Vec<Arc<Syncer>> = plugins.values().flat_map(|plugin| plugin.syncers.clone()).collect();
    for syncer in plugins.values_mut().flat_map(|plugin| &mut plugin.syncers) {
        let like = |other: &&Arc<Syncer>| other.is_like(syncer) && other.mark() != syncer.mark();
        let others: BTreeSet<_> = all.iter().filter(like).map(|other| other.mark().to_owned()).collect();
        // The same syncer still, where nothing has changed about that.
        if !syncer.is_beside(&others) {
            *syncer = Arc::new((**syncer).clone().beside(others));
        }
    }
    plugins
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
