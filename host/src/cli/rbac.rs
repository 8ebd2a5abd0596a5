//! `sluice plugin rbac`: the roles that the runtime needs for what its plugins are granted.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use sluice_core::config::Config;
use sluice_core::importing::Names;
use sluice_core::key;
use sluice_core::rbac::{Rights, Served, guess};
use sluice_core::registration::Registration;
use sluice_engine::Plugins;

use super::output::{self, Format};
use super::{Compiled, Place};

/// Prints the Roles and the ClusterRole that the runtime needs in one of the two clusters for what its plugins are granted.
///
/// Bind them to the user or service account that the kubeconfig of that cluster names. Kinds are called as Kubernetes
/// itself guesses, unless a plugin says otherwise. Whoever lets a plugin copy Roles has to allow to escalate by hand.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sluice plugin rbac plugins/ --config sluice.yaml --name my-vcluster --namespace vcluster-my --side physical
  sluice plugin rbac plugins/ --config sluice.yaml --name my-vcluster --namespace vcluster-my --side virtual")]
pub(super) struct Rbac {
    /// Folder of components
    #[arg(value_name = "DIR")]
    plugins: PathBuf,
    /// What the plugins are told and granted
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
    /// In which cluster
    #[arg(long, value_enum)]
    side: Side,
    /// The namespace of the physical cluster in whose ConfigMaps plugins are looked for too
    #[arg(long, value_name = "NAMESPACE")]
    config_maps: Option<String>,
    #[command(flatten)]
    kinds: Kinds,
    #[command(flatten)]
    compiled: Compiled,
    /// How they are printed
    #[arg(short, long, value_enum, default_value = "yaml")]
    output: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Side {
    Virtual,
    Physical,
}

impl Rbac {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let side = match self.side {
            Side::Virtual => key::Side::Virtual,
            Side::Physical => key::Side::Physical,
        };
        let Place { name, namespace } = &self.place;
        let config = super::config::read(self.config.as_deref())?;
        let plugins =
            Plugins::open(&self.compiled.sandbox()?, &self.plugins, &config, &Arc::new(self.place.translator()?))?;
        let mut rights = Rights::of_the_runtime(side, name, namespace);
        if let (key::Side::Physical, Some(looked_at)) = (side, &self.config_maps) {
            rights.plugins_in(looked_at);
        }
        let registrations = plugins.iter().map(|plugin| (plugin.name(), plugin.plugin.registration()));
        self.kinds.grant(&mut rights, side, namespace, &config, &registrations.collect());
        // What is in no namespace is everybody's: several runtimes in one cluster need roles of their own.
        output::print(&rights.roles(&format!("sluice-{namespace}-{name}")), self.output)
    }
}

/// How kinds are called where neither a plugin says it nor Kubernetes could guess.
#[derive(Debug, Args)]
pub(super) struct Kinds {
    /// A kind that is in no namespace and that nobody could guess to be so, such as Database.example.com
    #[arg(long, value_name = "KIND.GROUP")]
    cluster_scoped: Vec<String>,
}

impl Kinds {
    /// Adds what all that is granted in the config needs. `registered`: by name, the plugins that can be asked how their
    /// kinds are called; for others, which come from elsewhere, it is guessed.
    pub(super) fn grant(
        &self,
        rights: &mut Rights,
        side: key::Side,
        namespace: &str,
        config: &Config,
        registered: &BTreeMap<&str, &Registration>,
    ) {
        for (name, plugin) in &config.plugins {
            let said = registered.get(name.as_str()).map(|registration| Said::by(registration)).unwrap_or_default();
            for grant in &plugin.grants.0 {
                rights.grant(side, namespace, grant, |_| {
                    let mut served = said.served(&grant.group, &grant.kind);
                    served.namespaced &= !self.cluster_scoped.contains(&format!("{}.{}", grant.kind, grant.group));
                    served
                });
            }
        }
    }
}

/// What a plugin says of how kinds are called.
#[derive(Default)]
struct Said(BTreeMap<(String, String), Served>);

impl Said {
    fn by(registration: &Registration) -> Self {
        let mut said = BTreeMap::new();
        for syncer in &registration.syncers {
            let mut served = guess(&syncer.kind.group, &syncer.kind.kind);
            if let Some((plural, _)) = syncer.crd.as_deref().and_then(|crd| crd.split_once('.')) {
                served.plural = plural.into();
            }
            served.namespaced &= !matches!(syncer.names, Some(Names::Same));
            said.insert((syncer.kind.group.clone(), syncer.kind.kind.clone()), served);
        }
        Self(said)
    }

    fn served(&self, group: &str, kind: &str) -> Served {
        self.0.get(&(group.into(), kind.into())).cloned().unwrap_or_else(|| guess(group, kind))
    }
}
