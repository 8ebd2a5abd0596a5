//! What vCluster's calls come to.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use anyhow::Context;
use serde_json::Value;
use sluice_admin::Admin;
use sluice_cluster::{Access, Claim, Cluster, Leadership, lease};
use sluice_core::interception::Owner as RuleOwner;
use sluice_core::key::Side;
use sluice_core::translate::{Owner, Translator};
use sluice_engine::{Clusters, Metrics, Plugins, Reviewer, Runtime, Site, Sources, Supply, VirtualCluster};
use sluice_vcluster::{InitConfig, Mutation, Plugin, PluginConfig};
use tokio::sync::{Mutex, oneshot, watch};
use tokio::task::JoinHandle;
use tracing::{error, info, warn};

use super::Settings;
use crate::cli::Compiled;

/// The runtime as a plugin.
pub(super) struct Work {
    /// Until it is initialized.
    settings: Mutex<Option<anyhow::Result<Settings>>>,
    fatal: bool,
    leadership: Leadership,
    claim: Claim,
    /// Once it is.
    started: OnceLock<Started>,
    running: Mutex<Option<Running>>,
}

/// What hooks and interceptors need.
struct Started {
    config: PluginConfig,
    reviewer: Reviewer,
}

struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Work {
    /// With what is said to the plugins, or why that cannot be read, which is told when vCluster can hear it.
    pub(super) fn new(settings: anyhow::Result<Settings>) -> Self {
        let (leadership, claim) = Claim::later();
        let fatal = settings.as_ref().is_ok_and(|settings| settings.fatal);
        let settings = Mutex::new(Some(settings));
        Self { settings, fatal, leadership, claim, started: OnceLock::new(), running: Mutex::default() }
    }

    /// Finishes the writes under way.
    pub(super) async fn stop(&self) {
        if let Some(Running { stop, task }) = self.running.lock().await.take() {
            drop(stop);
            if let Err(error) = task.await {
                error!(%error, "the end was not in order");
            }
        }
    }

    async fn start(&self, told: InitConfig) -> anyhow::Result<()> {
        let settings = self.settings.lock().await.take().context("it was started before")??;
        let InitConfig { name, namespace, physical, virtual_kubeconfig, working_dir, port } = told;
        let metrics: Arc<Metrics> = Arc::default();
        if let Some(address) = settings.admin {
            let (admin, seen) = (Admin::open(address).await?, Arc::clone(&metrics));
            let (open, closed) = watch::channel(false);
            tokio::spawn(async move {
                admin.serve(seen, closed).await;
                // To the end of the process.
                drop(open);
            });
        }
        info!(name, namespace, "creating context");
        let translator = Translator::new(&name, &namespace)?;
        let sandbox = Compiled { folder: std::env::var_os("SLUICE_COMPILED").map(PathBuf::from) }.sandbox()?;
        let physical = Access::text(&format!("`{}` of vCluster", physical.key), &physical.text);
        let (virtual_, physical) = tokio::try_join!(
            Cluster::reach(Side::Virtual, Access::file(virtual_kubeconfig)),
            Cluster::reach(Side::Physical, physical),
        )?;
        let owner = physical.owner_service(&namespace, &name).await?.map(|uid| Owner { uid });
        let translator = Arc::new(translator.owned_by(owner));

        let folder = folder(&working_dir);
        let mut sources = Sources::new(watch::channel(settings.config).1).and_folder(folder.clone());
        if settings.config_maps {
            sources = sources.and_config_maps(physical.clone(), namespace.clone());
        }
        let mut supply = Supply::new(sandbox, sources, Arc::clone(&translator));
        let (plugins, refused) = supply.some().await;
        if plugins.iter().next().is_none() {
            warn!(folder = %folder.display(), "there is no plugin; put compiled ones (*.wasm) there, or name images");
        }

        let site = Site {
            translator,
            clusters: Clusters { virtual_, physical },
            claim: self.claim.clone(),
            instance: lease::instance(),
            metrics: Arc::clone(&metrics),
        };
        let cluster = VirtualCluster::new(site, ([127, 0, 0, 1], port).into());
        cluster.report(&refused).await;
        let reviewer = cluster.reviewer();
        // Before the answer: what vCluster asks from then on passes all hooks.
        let runtime = Runtime::start(cluster, supply, &plugins, self.claim.clone()).await?;
        // It is empty: this is done once.
        let _ = self.started.set(Started { config: wanted(&plugins), reviewer });
        *self.running.lock().await = Some(Running::new(runtime));
        match refused.into_iter().next() {
            Some(refused) if self.fatal => Err(refused.error).context("`fatal` is set"),
            _ => Ok(()),
        }
    }
}

impl Running {
    fn new(mut runtime: Runtime) -> Self {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let stopped = std::pin::pin!(async {
                // Stopped too if nobody can say so any more.
                let _: Result<(), _> = stopped.await;
            });
            runtime.follow(stopped).await;
            runtime.stop().await;
        });
        Self { stop, task }
    }
}

/// `plugins/` beside the program, or where there is none, all that is beside it.
fn folder(beside: &Path) -> PathBuf {
    let folder = beside.join("plugins");
    if folder.is_dir() { folder } else { beside.into() }
}

/// What all plugins want of vCluster.
fn wanted(plugins: &Plugins) -> PluginConfig {
    let registrations = || plugins.iter().map(|plugin| (plugin.name(), plugin.plugin.registration()));
    let hooks = registrations().flat_map(|(_, registration)| &registration.hooks);
    let rules = registrations().flat_map(|(plugin, registration)| {
        let of = move |name: &String| RuleOwner { plugin: plugin.into(), interceptor: name.clone() };
        let all = registration.interceptors.iter();
        all.flat_map(move |interceptor| interceptor.rules.iter().map(move |rule| (of(&interceptor.name), rule.clone())))
    });
    let (config, unsaid) = PluginConfig::new(hooks, rules);
    for conflict in unsaid {
        error!("vCluster takes no two rules that overlap, and sends nothing of the second one: {conflict}");
    }
    config
}

impl Plugin for Work {
    async fn initialize(&self, told: InitConfig) -> Result<(), String> {
        self.start(told).await.map_err(|error| format!("{error:#}"))
    }

    fn is_required(&self) -> bool {
        self.fatal
    }

    fn config(&self) -> PluginConfig {
        self.started.get().map(|started| started.config.clone()).unwrap_or_default()
    }

    async fn mutate(&self, mutation: Mutation) -> Result<Option<Value>, String> {
        let Some(started) = self.started.get() else { return Ok(None) };
        let Mutation { side, operation, kind, object, .. } = mutation;
        started.reviewer.review(side, &kind, operation, object).await.map(Some)
    }

    fn lead(&self) {
        self.leadership.take();
    }
}
