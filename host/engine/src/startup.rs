//! What a plugin deploys whenever this replica begins to lead, before its syncers work.

use std::sync::Arc;
use std::time::Duration;

use sluice_cluster::Claim;
use sluice_core::key::Gvk;
use sluice_core::plan::{Plan, plan_init};
use sluice_core::write::{Write, WriteError};
use tokio::sync::{oneshot, watch as signal};
use tokio::time::sleep;
use tracing::{Instrument, error, info, info_span, warn};

use crate::calls::Calls;
use crate::hooks::Hooks;
use crate::metrics::PluginMeter;
use crate::plugins::Loaded;
use crate::sender::Sender;
use crate::site::Clusters;
use crate::stop::unless_stopped;
use crate::syncer::now;
use crate::trouble::Trouble;

/// The first wait after a failure, which doubles with each.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);
/// The longest wait.
const LONGEST_BACKOFF: Duration = Duration::from_secs(30);

/// The start of one plugin.
#[derive(Clone)]
pub(crate) struct Startup {
    pub(crate) plugin: Loaded,
    pub(crate) clusters: Clusters,
    pub(crate) hooks: Hooks,
    pub(crate) claim: Claim,
    pub(crate) meter: Arc<PluginMeter>,
    pub(crate) calls: Arc<Calls>,
    /// Its writes.
    pub(crate) sender: Arc<Sender>,
}

impl Startup {
    /// Runs until told to stop. `deployed`: whether the syncers may work. `tried`: told after the first try. A try that is
    /// under way sends nothing more then, and ends.
    pub(crate) async fn run(
        self,
        deployed: signal::Sender<bool>,
        tried: oneshot::Sender<bool>,
        stop: signal::Receiver<bool>,
    ) {
        let mut tried = Some(tried);
        while unless_stopped(&stop, self.claim.wait()).await.is_some() {
            let mut wait = FIRST_BACKOFF;
            while self.claim.held() && !*stop.borrow() {
                let span = info_span!("start", sluice.plugin = self.plugin.name());
                let done = self.deploy(&stop).instrument(span).await;
                tried.take().map(|tried| tried.send(done.is_ok()));
                let plugin = self.plugin.name();
                match done {
                    Ok(None) => return,
                    Ok(Some(())) => {
                        self.meter.runs(true);
                        deployed.send_replace(true);
                        break;
                    }
                    Err(Trouble::Said { why, permanent: true, .. }) => {
                        self.meter.stuck("permanent");
                        error!(plugin, why, "it does not start");
                        break;
                    }
                    Err(trouble) => {
                        self.meter.failure(trouble.reason());
                        self.meter.stuck(trouble.reason());
                        warn!(plugin, reason = trouble.reason(), "while starting: {trouble}; it is tried again");
                    }
                }
                unless_stopped(&stop, sleep(trouble_wait(&mut wait))).await;
            }
            if unless_stopped(&stop, self.claim.lost()).await.is_some() {
                self.meter.runs(false);
                deployed.send_replace(false);
            }
        }
    }

    /// Asks the plugin what to deploy, and deploys it, in its order. None if told to stop before that is done.
    async fn deploy(&self, stop: &signal::Receiver<bool>) -> Result<Option<()>, Trouble> {
        for write in self.plan().await?.writes {
            let target = write.target().clone();
            let Some(write) = self.hooks.write(write, None).await? else { continue };
            if unless_stopped(stop, self.sender.turn()).await.is_none() {
                return Ok(None);
            }
            match self.sender.send(&write).await {
                Ok(_) => {
                    info!(plugin = self.plugin.name(), verb = write.verb(), object = %target, "deployed");
                    self.meter.wrote(target.side, write.verb());
                }
                // It was to be there, and it is.
                Err(WriteError::Exists) => {}
                Err(error) => {
                    return Err(Trouble::Write { verb: write.verb(), target: target.to_string(), error });
                }
            }
            match unless_stopped(stop, self.await_kind(&write)).await {
                Some(stands) => stands?,
                None => return Ok(None),
            }
        }
        Ok(Some(()))
    }

    /// What comes after a definition may be of the kind that it defines.
    async fn await_kind(&self, write: &Write) -> Result<(), Trouble> {
        let target = write.target();
        if !defines(&target.gvk) {
            return Ok(());
        }
        let cluster = self.clusters.of(target.side);
        cluster.await_established(&target.key.name).await.map_err(|error| Trouble::Definition(error.to_string()))
    }

    async fn plan(&self) -> Result<Plan, Trouble> {
        let (plugin, meter) = (self.plugin.clone(), Arc::clone(&self.meter));
        let called = self.calls.run(move || {
            let calling = meter.call("init");
            let reply = plugin.plugin.init(now());
            calling.ended(reply.cost);
            let intents = plugin.intents(reply)?;
            plan_init(plugin.rules(), &intents).map_err(|refusal| plugin.refused(refusal))
        });
        called.await.unwrap_or_else(|fault| Err(self.plugin.failed(fault)))
    }
}

fn trouble_wait(wait: &mut Duration) -> Duration {
    let this = *wait;
    *wait = (this * 2).min(LONGEST_BACKOFF);
    this
}

/// Whether it defines kinds, so that what comes after it must wait.
fn defines(gvk: &Gvk) -> bool {
    gvk.group == "apiextensions.k8s.io" && gvk.kind == "CustomResourceDefinition"
}
