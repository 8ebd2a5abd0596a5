//! The contract's `lifecycle`.

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};

use crate::bindings::imports::sluice::plugin::intents::Intent;
use crate::bindings::lifecycle::exports::sluice::plugin::lifecycle;
use crate::component::Component;
use crate::{Ask, Config, Failure, Gvk, Init, Names, Operation, Plugin, Reference, Rule, Select, Side};

/// As `wit/registration.schema.json` has it.
#[derive(Serialize)]
struct Registration {
    name: &'static str,
    version: &'static str,
    description: &'static str,
    syncers: Vec<Syncer>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hooks: Vec<Hook>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    interceptors: Vec<Interceptor>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    asks: Vec<Ask>,
}

/// One of its hooks.
#[derive(Serialize)]
pub(crate) struct Hook {
    pub(crate) name: &'static str,
    #[serde(serialize_with = "side")]
    pub(crate) side: Side,
    pub(crate) kind: Gvk,
    #[serde(serialize_with = "operations")]
    pub(crate) operations: &'static [Operation],
}

/// One of its interceptors.
#[derive(Serialize)]
pub(crate) struct Interceptor {
    pub(crate) name: &'static str,
    pub(crate) rules: Vec<Rule>,
}

fn side<S: Serializer>(side: &Side, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match side {
        Side::Virtual => "virtual",
        Side::Physical => "physical",
    })
}

fn operations<S: Serializer>(operations: &&'static [Operation], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(operations.iter().map(|operation| match operation {
        Operation::Create => "create",
        Operation::Update => "update",
        Operation::Delete => "delete",
        Operation::Get => "get",
    }))
}

/// One of its syncers.
#[derive(Serialize)]
pub(crate) struct Syncer {
    pub(crate) name: String,
    pub(crate) kind: Gvk,
    #[serde(skip_serializing_if = "Direction::is_down")]
    pub(crate) direction: Direction,
    #[serde(skip_serializing_if = "Select::is_all")]
    pub(crate) select: Select,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) references: Vec<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) names: Option<Names>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) watches: Vec<Watch>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) finalizers: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) crd: Option<String>,
}

/// One of its watches.
#[derive(Serialize)]
pub(crate) struct Watch {
    pub(crate) name: String,
    #[serde(serialize_with = "side")]
    pub(crate) side: Side,
    pub(crate) kind: Gvk,
    #[serde(skip_serializing_if = "Select::is_all")]
    pub(crate) select: Select,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) selects: bool,
}

/// Which way it copies.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Direction {
    Down,
    Up,
    Virtual,
}

impl Direction {
    fn is_down(&self) -> bool {
        *self == Self::Down
    }
}

impl<C: Component> lifecycle::Guest for C {
    fn config_schema() -> String {
        <C::Plugin as Plugin>::Config::schema()
    }

    fn register() -> Result<String, String> {
        let plugin = C::plugin()?;
        let asks = plugin.asks();
        let syncers: Vec<_> = plugin.syncers().iter().map(|syncer| syncer.registration()).collect();
        let mut names = BTreeSet::new();
        if let Some(twice) = syncers.iter().find(|syncer| !names.insert(&syncer.name)) {
            return Err(format!("two syncers are named {:?}", twice.name));
        }
        let hooks = C::plugin()?.hooks().iter().map(|hook| hook.registration()).collect();
        let interceptors = C::plugin()?.interceptors().iter().map(|interceptor| interceptor.registration()).collect();
        let (name, version, description) = (C::NAME, C::VERSION, C::DESCRIPTION);
        let registration = Registration { name, version, description, syncers, hooks, interceptors, asks };
        serde_json::to_string(&registration).map_err(|error| error.to_string())
    }

    fn init(now: u64) -> Result<Vec<Intent>, Failure> {
        let plugin = C::plugin().map_err(Failure::permanent)?;
        Ok(plugin.init(&Init::new(now))?.into())
    }
}

#[cfg(test)]
mod tests;
