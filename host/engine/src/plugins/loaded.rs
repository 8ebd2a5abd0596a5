//! A plugin that may run.

use std::sync::Arc;

use sluice_core::config::PluginConfig;
use sluice_core::grants::Grants;
use sluice_core::intent::{Failure, Intent};
use sluice_core::plan::{Refusal, Rules};
use sluice_core::syncer::Syncer;
use sluice_sandbox::{Fault, Plugin, Reply};

use super::missing;
use crate::trouble::Trouble;

/// A plugin, what it may do, and its syncers at one virtual cluster.
#[derive(Clone)]
pub struct Loaded {
    /// To be called.
    pub plugin: Plugin,
    /// What it may do.
    pub grants: Grants,
    /// Where its component came from, as messages call it.
    pub origin: String,
    /// In the order of its registration.
    pub syncers: Vec<Arc<Syncer>>,
    /// The digest of its component, and what the operator says of it.
    pub(super) made_of: Arc<(String, PluginConfig)>,
}

impl Loaded {
    /// Whether it came of this component, given this.
    pub(super) fn is_of(&self, digest: &str, given: &PluginConfig) -> bool {
        self.made_of.0 == digest && self.made_of.1 == *given
    }

    /// Whether it may go on where the operator now says this of it: it is the pinned one, and is given what it asks for.
    pub(super) fn is_allowed(&self, given: &PluginConfig) -> bool {
        let is_pinned = given.digest.as_ref().is_none_or(|digest| digest.is(self.digest()));
        let (grants, rules) = missing(&self.plugin, given, self.plugin.setting().translator.namespace());
        is_pinned && grants.is_empty() && rules.is_empty()
    }

    /// Whether it is the same still, and its syncers stand beside the same others.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let syncers = self.syncers.iter().zip(&other.syncers);
        Arc::ptr_eq(&self.made_of, &other.made_of) && syncers.into_iter().all(|(one, other)| Arc::ptr_eq(one, other))
    }

    /// The digest of its component: 64 hex digits.
    pub fn digest(&self) -> &str {
        &self.made_of.0
    }

    /// What the operator calls it.
    pub fn name(&self) -> &str {
        &self.plugin.setting().plugin
    }

    /// By what its answers are judged.
    pub(crate) fn rules(&self) -> Rules<'_> {
        Rules { grants: &self.grants, limits: &self.plugin.setting().limits, manager: self.name(), watched: None }
    }

    /// What it asks for, or why it gave no answer.
    pub(crate) fn intents(&self, reply: Reply) -> Result<Vec<Intent>, Trouble> {
        let plugin = self.name().into();
        match reply.result {
            Ok(Ok(intents)) => Ok(intents),
            Ok(Err(Failure::Retry(why))) => Err(Trouble::Said { plugin, why, permanent: false }),
            Ok(Err(Failure::Permanent(why))) => Err(Trouble::Said { plugin, why, permanent: true }),
            Err(fault) => Err(self.failed(fault)),
        }
    }

    /// A call gave no answer.
    pub(crate) fn failed(&self, fault: Fault) -> Trouble {
        Trouble::Fault { plugin: self.name().into(), fault }
    }

    /// Its answer is not followed.
    pub(crate) fn refused(&self, refusal: Refusal) -> Trouble {
        Trouble::Refused { plugin: self.name().into(), refusal }
    }
}
