//! The copies that a plugin makes of virtual objects.

use std::sync::{Arc, RwLock};

use anyhow::{Context, bail};
use serde_json::Value;
use sluice_core::grants::Grants;
use sluice_core::index::Place;
use sluice_core::intent::Failure;
use sluice_core::key::{Direction, Gvk, Time};
use sluice_core::object::Object;
use sluice_core::pair::{Pair, Step};
use sluice_core::plan::{Rules, plan};
use sluice_core::redact;
use sluice_core::syncer::Syncer;
use sluice_core::translate::Metadata;
use sluice_core::watched::Watched;
use sluice_core::write::Write;
use sluice_sandbox::{Call, Function, Plugin};

use super::selection::choose;
use crate::cli::document::Document;

/// What one plugin makes.
pub(super) struct Copies {
    plugin: Plugin,
    grants: Grants,
}

impl Copies {
    pub(super) fn by(plugin: Plugin) -> Self {
        Self { plugin, grants: Grants::default() }
    }

    /// The copy of this virtual object, as it would be created below.
    ///
    /// # Errors
    /// The plugin makes none, fails, or answers what is refused.
    pub(super) fn of(&self, document: &Document, gvk: &Gvk, metadata: &Metadata) -> anyhow::Result<Value> {
        let copy = || {
            let object = Object::parse(gvk, &document.with_metadata(metadata)?.to_string())?;
            let setting = self.plugin.setting();
            let registered = choose(self.plugin.registration(), gvk, metadata)?;
            let syncer = Syncer::new(registered.clone(), &setting.plugin, Arc::clone(&setting.translator));
            let pair = alone(&syncer, object)?;
            self.make(&syncer, &pair).map_err(|error| told(&error, &pair))
        };
        copy().with_context(|| format!("{}: {gvk} {:?}", document.place, metadata.name))
    }

    fn make(&self, syncer: &Syncer, pair: &Pair) -> anyhow::Result<Value> {
        let (plugin, limits) = (&self.plugin.setting().plugin, &self.plugin.setting().limits);
        let watched = Arc::new(RwLock::new(Watched::new(&syncer.registered.watches)));
        let reply = self.plugin.call(Call {
            syncer: &syncer.registered.name,
            gvk: &Arc::new(syncer.gvk().clone()),
            function: Function::Translate,
            pair,
            watched: &watched,
            // Always the same, so that the same file gives the same copy tomorrow.
            now: Time(0),
            attempt: 1,
        });
        let intents = match reply.result {
            Ok(Ok(intents)) => intents,
            Ok(Err(Failure::Retry(why) | Failure::Permanent(why))) => bail!("plugin {plugin} says: {why}"),
            Err(fault) => bail!("plugin {plugin} failed: {fault}"),
        };
        // The copy is its own: it takes no grant.
        let rules = Rules { grants: &self.grants, limits, manager: plugin, watched: None };
        let planned = plan(rules, syncer, pair, &intents);
        let planned = planned.with_context(|| format!("the answer of plugin {plugin} is refused"))?;
        match planned.writes.into_iter().next() {
            Some(Write::Create { body, .. }) => Ok(body),
            _ => bail!("plugin {plugin} makes no copy of it"),
        }
    }
}

/// In one line. A guest's words, and what is told of its answer, may hold what a Secret does.
fn told(error: &anyhow::Error, pair: &Pair) -> anyhow::Error {
    let told = redact::without_secrets(&format!("{error:#}"), pair);
    anyhow::Error::msg(redact::line(&told, told.len()))
}

/// The object without a copy yet.
fn alone(syncer: &Syncer, object: Object) -> anyhow::Result<Pair> {
    if object.deleting {
        bail!("it has a metadata.deletionTimestamp: no copy is made of what is being deleted");
    }
    let physical_key = syncer.place(&object).context("it was brought up by this plugin: it does not go down again")?;
    let (direction, key) = (Direction::Down, object.key.clone());
    let pair = Pair { direction, key, physical_key, virtual_: Some(Arc::new(object)), physical: None, settled: None };
    match pair.step(syncer, &Place::Own) {
        Step::Rest => bail!("vcluster.loft.sh/controlled-by says that others take care of it: no copy is made of it"),
        _ => Ok(pair),
    }
}
