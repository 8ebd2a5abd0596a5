//! `sluice run`: keeps the objects of two clusters in step until stopped.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use futures::FutureExt;
use sluice_admin::Admin;
use sluice_cluster::{Access, Cluster, Lease, lease};
use sluice_core::key::Side;
use sluice_core::translate::Owner;
use sluice_engine::{Clusters, Metrics, Runtime, Site, Sources, Supply, VirtualCluster};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing::info;

use super::log::Log;
use super::{Compiled, Place};

/// Runs the plugins of a folder between two clusters, until it is stopped.
///
/// Loads every .wasm file of the folder, waits for the lease `sluice-NAME` in the target namespace, lets each plugin
/// deploy what it deploys, and syncs. What is said to a plugin, and what it may do, stands in the file that --config
/// names; `sluice plugin grants` writes one:
///
///   plugins:
///     NAME:           # of the file, without .wasm
///       config: {}    # the plugin's own: `sluice plugin inspect` shows its schema
///       grants: []    # what it asks for; what is not granted it cannot do
///       interceptors: []  # API requests that it may answer: the same
///
/// SIGTERM and SIGINT finish the writes under way and release the lease.
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Examples:
  sluice run --virtual-kubeconfig virtual.yaml --physical-kubeconfig physical.yaml \\
    --name my-vcluster --namespace vcluster-my --plugins plugins/
  sluice run --virtual-kubeconfig virtual.yaml --physical-kubeconfig physical.yaml \\
    --name my-vcluster --namespace vcluster-my --plugins plugins/ --config sluice.yaml"
)]
pub(super) struct Run {
    /// Kubeconfig of the virtual cluster
    #[arg(long, value_name = "FILE")]
    virtual_kubeconfig: PathBuf,
    /// Where the virtual cluster's API server is, if not where its kubeconfig says, which for vCluster's own is
    /// https://localhost:8443: https://NAME.NAMESPACE reaches its Service
    #[arg(long, value_name = "URL")]
    virtual_server: Option<String>,
    /// Kubeconfig of the physical cluster, the one below; without one, the cluster of this pod, as its service account
    #[arg(long, value_name = "FILE")]
    physical_kubeconfig: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
    /// Folder of components: every .wasm file in it is a plugin. One that changes is swapped
    #[arg(long, value_name = "DIR", required_unless_present_any = ["config_maps", "config"])]
    plugins: Option<PathBuf>,
    /// Namespace of the physical cluster whose ConfigMaps with the label sluice.dev/plugin are plugins:
    /// `sluice plugin bundle` makes them. Whoever may write there says what runs, within its grants
    #[arg(long, value_name = "NAMESPACE")]
    config_maps: Option<String>,
    /// What is said to the plugins, and what they may do
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where plugins with interceptors answer API requests: plain HTTP, without credentials. Whoever is to be answered
    /// by them, such as a proxy in front of the virtual cluster's API server, sends its requests here; nothing is
    /// forwarded. Opened only if some plugin has an interceptor; port 0 takes a free one, which is logged
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:10099")]
    interceptors: SocketAddr,
    /// Where health, metrics and state are served, if anywhere: GET /livez, /readyz, /metrics, /debug/state.json; plain HTTP, nothing
    /// can be changed there and no object is shown. Port 0 takes a free one, which is logged
    #[arg(long, value_name = "ADDRESS")]
    admin: Option<SocketAddr>,
    #[command(flatten)]
    compiled: Compiled,
    #[command(flatten)]
    log: Log,
}

impl Run {
    pub(super) fn run(self) -> anyhow::Result<()> {
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
            let traces = self.log.start()?;
            let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
            let stop = async move {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            };
            let ran = self.sync(stop).await;
            if let Some(traces) = traces {
                traces.end().await;
            }
            ran
        })
    }

    async fn sync(&self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        let mut stop = std::pin::pin!(stop);
        let Place { name, namespace } = &self.place;
        let translator = self.place.translator()?;
        let mut sources = Sources::new(super::config::follow(self.config.as_deref())?);
        if let Some(folder) = &self.plugins {
            sources = sources.and_folder(folder.clone());
        }
        let sandbox = self.compiled.sandbox()?;
        let metrics = Arc::new(Metrics::default());
        if let Some(cache) = sandbox.cache() {
            metrics.compiled(move || cache.bytes());
        }
        let closed = watch::Sender::new(false);
        let admin = match self.admin {
            Some(address) => Admin::open(address).await?.serve(Arc::clone(&metrics) as _, closed.subscribe()).boxed(),
            None => std::future::ready(()).boxed(),
        };
        let admin = tokio::spawn(admin);

        info!(name, namespace, "creating context");
        let physical = self.physical_kubeconfig.as_ref().map_or_else(Access::service_account, Access::file);
        let (virtual_, physical) = tokio::try_join!(
            Cluster::reach(Side::Virtual, Access::file(&self.virtual_kubeconfig).at(self.virtual_server.as_deref())),
            Cluster::reach(Side::Physical, physical),
        )?;
        physical.require_namespace(namespace).await?;
        let owner = physical.owner_service(namespace, name).await?.map(|uid| Owner { uid });
        let translator = Arc::new(translator.owned_by(owner));
        if let Some(namespace) = &self.config_maps {
            sources = sources.and_config_maps(physical.clone(), namespace.clone());
        }
        let mut supply = Supply::new(sandbox, sources, Arc::clone(&translator));
        let (plugins, refused) = supply.first().await?;

        let instance = lease::instance();
        let (lease, claim) = Lease::claim(&physical, namespace, &format!("sluice-{name}"), &instance);
        let clusters = Clusters { virtual_, physical };
        let site = Site { translator, clusters, claim: claim.clone(), instance, metrics };
        let cluster = VirtualCluster::new(site, self.interceptors);
        cluster.report(&refused).await;
        let started = Runtime::start(cluster, supply, &plugins, claim).await;
        let ran = match started {
            Ok(mut runtime) => {
                runtime.follow(stop.as_mut()).await;
                info!("stopping");
                runtime.stop().await;
                Ok(())
            }
            Err(error) => Err(error.into()),
        };
        lease.release().await;
        closed.send_replace(true);
        // It answers until the end, which is when somebody may want to know why.
        let _ = admin.await;
        info!("stopped");
        ran
    }
}
