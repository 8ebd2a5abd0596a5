//! What go-plugin itself calls.

use std::pin::Pin;

use futures::stream::{self, Stream, StreamExt};
use tokio::sync::watch;
use tonic::{Request, Response, Status, Streaming};

use super::until;
use crate::proto::go_plugin::grpc_broker_server::GrpcBroker;
use crate::proto::go_plugin::grpc_controller_server::GrpcController;
use crate::proto::go_plugin::grpc_stdio_server::GrpcStdio;
use crate::proto::go_plugin::{ConnInfo, Empty, StdioData};

/// How go-plugin ends us, and how it learns that we end.
#[derive(Clone, Debug)]
pub(super) struct Controls {
    /// Set when it says so.
    pub(super) shutdown: watch::Sender<bool>,
    /// Whether nothing is served any more.
    pub(super) is_over: watch::Receiver<bool>,
}

type Silence<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl Controls {
    /// A stream with nothing in it that ends when all does.
    fn silence<T: Send + 'static>(&self) -> Response<Silence<T>> {
        Response::new(stream::pending().take_until(until(self.is_over.clone())).boxed())
    }
}

/// Standard error says it all, with levels, which this would not have.
#[tonic::async_trait]
impl GrpcStdio for Controls {
    type StreamStdioStream = Silence<StdioData>;

    async fn stream_stdio(&self, _: Request<()>) -> Result<Response<Self::StreamStdioStream>, Status> {
        Ok(self.silence())
    }
}

/// Nothing is brokered.
#[tonic::async_trait]
impl GrpcBroker for Controls {
    type StartStreamStream = Silence<ConnInfo>;

    async fn start_stream(&self, _: Request<Streaming<ConnInfo>>) -> Result<Response<Self::StartStreamStream>, Status> {
        Ok(self.silence())
    }
}

#[tonic::async_trait]
impl GrpcController for Controls {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.shutdown.send_replace(true);
        Ok(Response::new(Empty {}))
    }
}
