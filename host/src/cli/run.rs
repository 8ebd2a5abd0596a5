//! `sluice run`: keeps the objects of two clusters in step until stopped.

use std::io::{IsTerminal, stderr};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, ValueEnum};
use sluice_cluster::{Cluster, Lease, lease};
use sluice_core::key::Side;
use sluice_core::translate::Owner;
use sluice_engine::{Clusters, Door, Plugins, VirtualCluster};
use tokio::signal::unix::{SignalKind, signal};
use tracing::{Level, info};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

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
    /// Kubeconfig of the physical cluster, the one below
    #[arg(long, value_name = "FILE")]
    physical_kubeconfig: PathBuf,
    #[command(flatten)]
    place: Place,
    /// Folder of components: every .wasm file in it is a plugin
    #[arg(long, value_name = "DIR")]
    plugins: PathBuf,
    /// What is said to the plugins, and what they may do
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where plugins with interceptors answer API requests: plain HTTP, without credentials. Whoever is to be answered
    /// by them, such as a proxy in front of the virtual cluster's API server, sends its requests here; nothing is
    /// forwarded. Opened only if some plugin has an interceptor; port 0 takes a free one, which is logged
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:10099")]
    interceptors: SocketAddr,
    #[command(flatten)]
    compiled: Compiled,
    /// How log lines are written
    #[arg(long, value_enum, default_value = "text")]
    log_format: LogFormat,
    /// Which log lines are written
    #[arg(long, value_enum, default_value = "info")]
    log_level: LogLevel,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
}

impl Run {
    pub(super) fn run(self) -> anyhow::Result<()> {
        self.log();
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
            let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
            let stop = async move {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            };
            self.sync(stop).await
        })
    }

    async fn sync(&self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        let mut stop = std::pin::pin!(stop);
        let Place { name, namespace } = &self.place;
        let translator = self.place.translator()?;
        let config = super::config::read(self.config.as_deref())?;
        let sandbox = self.compiled.sandbox()?;

        info!(name, namespace, "creating context");
        let (virtual_, physical) = tokio::try_join!(
            Cluster::connect(Side::Virtual, &self.virtual_kubeconfig),
            Cluster::connect(Side::Physical, &self.physical_kubeconfig),
        )?;
        physical.require_namespace(namespace).await?;
        let owner = physical.owner_service(namespace, name).await?.map(|uid| Owner { uid });
        let translator = Arc::new(translator.owned_by(owner));
        let plugins = tokio::task::spawn_blocking({
            let (folder, translator) = (self.plugins.clone(), Arc::clone(&translator));
            move || Plugins::open(&sandbox, &folder, &config, &translator)
        });
        let plugins = plugins.await.context("loading plugins")??;

        let door = match plugins.intercept() {
            true => Some(Door::open(self.interceptors).await?),
            false => None,
        };

        let instance = lease::instance();
        let (lease, claim) = Lease::claim(&physical, namespace, &format!("sluice-{name}"), &instance);
        let clusters = Clusters { virtual_, physical };
        let mut virtual_cluster = VirtualCluster::new(translator, clusters, claim.clone(), &instance);
        virtual_cluster.start(&plugins, door);
        info!(instance, "waiting to become leader");
        let work = async {
            claim.wait().await;
            info!("starting plugins");
            virtual_cluster.ready().await;
            info!("started");
            loop {
                claim.lost().await;
                info!("lost the lease; waiting to become leader");
                claim.wait().await;
                info!("leading again");
            }
        };
        tokio::select! {
            () = &mut stop => {}
            () = work => {}
        }
        info!("stopping");
        virtual_cluster.stop().await;
        lease.release().await;
        info!("stopped");
        Ok(())
    }

    fn log(&self) {
        let level = match self.log_level {
            LogLevel::Error => Level::ERROR,
            LogLevel::Warn => Level::WARN,
            LogLevel::Info => Level::INFO,
            LogLevel::Debug => Level::DEBUG,
        };
        // Of libraries only what is wrong; what kube tells twice only once.
        let targets = Targets::new()
            .with_default(Level::WARN)
            .with_target("sluice", level)
            .with_target("plugin", level)
            .with_targets(sluice_cluster::NOISY_TARGETS.map(|target| (target, LevelFilter::OFF)));
        let layer = tracing_subscriber::fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal());
        let registry = tracing_subscriber::registry().with(targets);
        match self.log_format {
            LogFormat::Text => registry.with(layer.with_target(false)).init(),
            LogFormat::Json => registry.with(layer.json().flatten_event(true).with_current_span(false)).init(),
        }
    }
}
