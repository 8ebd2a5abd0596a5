//! As a plugin of vCluster: it starts this program, as it starts every `/plugins/NAME/plugin`, and says the rest itself.
//!
//! Plugins are beside the program, in `plugins/` if there is such a folder. What is said to them is in vcluster.yaml, at
//! `plugins.NAME.config`, in the shape of `sluice.yaml`.

mod settings;
mod work;

use std::env;
use std::io::{stderr, stdout};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use settings::Settings;
use sluice_traces::Traces;
use sluice_vcluster::handshake::COOKIE;
use sluice_vcluster::logs::Hclog;
use sluice_vcluster::{Handshake, HandshakeError, serve};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;
use tracing::{Level, error, info, warn};
use work::Work;

/// What vCluster calls its plugins' programs.
const NAME: &str = "plugin";
/// How long what is under way may take at the end. vCluster itself kills after 2 s.
const STOP: Duration = Duration::from_secs(10);

/// Whether this process is meant to be a plugin: nothing else is said to it, and either vCluster started it or somebody
/// did who took it for one.
pub(crate) fn is_wanted() -> bool {
    let mut args = env::args_os();
    let name = args.next();
    let is_plugin = name.is_some_and(|name| Path::new(&name).file_name().is_some_and(|name| name == NAME));
    args.next().is_none() && (is_plugin || env::var_os(COOKIE).is_some())
}

/// Is one until vCluster ends it.
pub(crate) fn run() -> ExitCode {
    let variable = |name: &str| env::var(name).ok();
    let handshake = match Handshake::read(variable) {
        // Somebody at a terminal.
        Err(error @ HandshakeError::NotStarted) => return super::output::fail(&error.into()),
        handshake => handshake,
    };
    let settings = Settings::read(variable("PLUGIN_CONFIG").as_deref());
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return super::output::fail(&error.into()),
    };
    let served = runtime.block_on(async {
        let traces = log(settings.as_ref().map_or(Level::INFO, Settings::level));
        let served = plugin(&handshake?, settings).await;
        if let Some(traces) = traces {
            traces.end().await;
        }
        served
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn plugin(handshake: &Handshake, settings: anyhow::Result<Settings>) -> anyhow::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    let socket = handshake.listen()?;
    socket.announce(stdout())?;
    let work = Arc::new(Work::new(settings));
    let end = serve(socket, Arc::clone(&work), stop).await?;
    info!(?end, "stopping");
    match timeout(STOP, work.stop()).await {
        Ok(()) => info!("stopped"),
        Err(_) => warn!("stopped with writes under way"),
    }
    Ok(())
}

/// In the way that vCluster understands. What is wrong with where spans are to go keeps nothing from starting.
fn log(level: Level) -> Option<Traces> {
    let traces = Traces::open(env!("CARGO_PKG_VERSION"));
    let lines = tracing_subscriber::fmt::layer().event_format(Hclog).with_writer(stderr);
    super::log::begin(lines, level, traces.as_ref().ok().and_then(Option::as_ref));
    // It would be lost like all that is plain.
    std::panic::set_hook(Box::new(|panic| error!("{panic}")));
    traces.unwrap_or_else(|error| {
        error!("{error}");
        None
    })
}
