//! What vCluster calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::timeout;
use tonic::transport::Server;
use tonic::transport::server::Router;
use tonic::{Request, Response, Status};
use tonic_health::ServingStatus;
use tracing::{error, info, warn};

use super::Plugin;
use super::go_plugin::Controls;
use crate::init_config::InitConfig;
use crate::mutation::Mutation;
use crate::proto::go_plugin::grpc_broker_server::GrpcBrokerServer;
use crate::proto::go_plugin::grpc_controller_server::GrpcControllerServer;
use crate::proto::go_plugin::grpc_stdio_server::GrpcStdioServer;
use crate::proto::pluginv2::plugin_server::{Plugin as Calls, PluginServer};
use crate::proto::pluginv2::{get_plugin_config, initialize, mutate, set_leader};

/// How large a message may be that comes, in bytes. An API server takes objects of 3 MiB, and they come one by one.
const MESSAGE: usize = 64 << 20;
/// How long vCluster's start waits for ours. Its own probes end it after some minutes.
const START: Duration = Duration::from_secs(60);
/// How long hooks have for one object. vCluster itself gives up after 10 s, without saying whom it waited for.
const HOOKS: Duration = Duration::from_secs(8);
/// How long what we say of an error may be, in bytes: it goes through a header.
const WORDS: usize = 2 << 10;
/// As go-plugin asks for it.
const HEALTH: &str = "plugin";

/// All that is served.
pub(super) async fn router(plugin: Arc<impl Plugin>, controls: Controls) -> Router {
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_service_status(HEALTH, ServingStatus::Serving).await;
    let service = PluginServer::new(Service { plugin, initialized: false.into(), leads: false.into() });
    Server::builder()
        .add_service(service.max_decoding_message_size(MESSAGE))
        .add_service(GrpcStdioServer::new(controls.clone()))
        .add_service(GrpcBrokerServer::new(controls.clone()))
        .add_service(GrpcControllerServer::new(controls))
        .add_service(health_service)
}

pub(super) struct Service<P> {
    pub(super) plugin: Arc<P>,
    pub(super) initialized: AtomicBool,
    pub(super) leads: AtomicBool,
}

#[tonic::async_trait]
impl<P: Plugin> Calls for Service<P> {
    async fn initialize(
        &self,
        request: Request<initialize::Request>,
    ) -> Result<Response<initialize::Response>, Status> {
        if self.initialized.swap(true, Ordering::Relaxed) {
            return Err(Status::failed_precondition("it is initialized already"));
        }
        let answer = Response::new(initialize::Response {});
        let Err(why) = start(Arc::clone(&self.plugin), &request.into_inner().config).await else { return Ok(answer) };
        if self.plugin.is_required() {
            error!(why, "the plugin did not start, and vCluster is not to start without");
            return Err(Status::aborted(cut(why)));
        }
        error!(why, "the plugin did not start; vCluster starts without");
        Ok(answer)
    }

    async fn get_plugin_config(
        &self,
        _: Request<get_plugin_config::Request>,
    ) -> Result<Response<get_plugin_config::Response>, Status> {
        Ok(Response::new(get_plugin_config::Response { config: self.plugin.config().to_json() }))
    }

    async fn mutate(&self, request: Request<mutate::Request>) -> Result<Response<mutate::Response>, Status> {
        let mutation = Mutation::parse(request.get_ref()).map_err(|why| Status::invalid_argument(cut(why)))?;
        drop(request);
        let asked = timeout(HOOKS, self.plugin.mutate(mutation.clone())).await;
        let answer = asked.unwrap_or_else(|_| Err(format!("no answer within {} s", HOOKS.as_secs())));
        match answer {
            Ok(None) => Ok(Response::new(mutate::Response::default())),
            Ok(Some(after)) => Ok(Response::new(mutation.answer(after))),
            Err(why) => Err(Status::aborted(cut(format!("{mutation}: {why}")))),
        }
    }

    async fn set_leader(&self, _: Request<set_leader::Request>) -> Result<Response<set_leader::Response>, Status> {
        if !self.leads.swap(true, Ordering::Relaxed) {
            info!("this vCluster leads");
            self.plugin.lead();
        }
        Ok(Response::new(set_leader::Response {}))
    }
}

/// Starts the plugin. It goes on when nobody waits any more, be it that it takes too long or that vCluster hung up.
async fn start(plugin: Arc<impl Plugin>, config: &str) -> Result<(), String> {
    let config = InitConfig::parse(config).map_err(|error| error.to_string())?;
    let mut started = tokio::spawn(async move { plugin.initialize(config).await });
    let ended = match timeout(START, &mut started).await {
        Ok(ended) => ended,
        Err(_) => {
            tokio::spawn(async move {
                match started.await {
                    Ok(Ok(())) => {
                        warn!("the plugin started too late: vCluster knows its hooks and interceptors after a restart")
                    }
                    Ok(Err(why)) => error!(why, "the plugin did not start"),
                    Err(error) => error!(%error, "the plugin did not start"),
                }
            });
            return Err(format!("it takes longer than {} s; it goes on", START.as_secs()));
        }
    };
    ended.unwrap_or_else(|error| Err(format!("it broke: {error}")))
}

fn cut(mut words: String) -> String {
    if words.len() > WORDS {
        words.truncate(words.floor_char_boundary(WORDS));
        words.push_str("...");
    }
    words
}
