//! A plugin that may run.

use std::sync::Arc;

use sluice_core::grants::Grants;
use sluice_core::intent::{Failure, Intent};
use sluice_core::plan::{Refusal, Rules};
use sluice_core::syncer::Syncer;
use sluice_sandbox::{Fault, Plugin, Reply};

use crate::trouble::Trouble;

/// A plugin, what it may do, and its syncers at one virtual cluster.
#[derive(Clone)]
pub struct Loaded {
    /// To be called.
    pub plugin: Plugin,
    /// What it may do.
    pub grants: Grants,
    /// In the order of its registration.
    pub syncers: Vec<Arc<Syncer>>,
}

impl Loaded {
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
