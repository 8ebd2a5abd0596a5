//! The way to a registry: straight, or through a proxy.
//!
//! ```text
//! https, no proxy   TCP -----------------------> registry
//! https             TCP or TLS --> proxy ------> registry   CONNECT; TLS within is with the registry alone
//! http              TCP or TLS --> proxy         each request with its whole address; the proxy sends it on
//! ```

use std::error::Error;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use http::uri::Scheme;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

use super::connection::{CONNECT, innermost};
use super::proxy::{Proxies, Proxy};

/// Makes connections; what speaks TLS with a registry stands on it.
#[derive(Clone)]
pub(super) struct Route {
    tcp: HttpConnector,
    /// To a proxy, which itself may want TLS.
    to_proxy: HttpsConnector<HttpConnector>,
    proxies: Arc<Proxies>,
}

/// A connection to a registry, or to the proxy that sends requests on to it.
pub(super) struct Way {
    stream: MaybeHttpsStream<TokioIo<TcpStream>>,
    /// Requests have to say where they go.
    is_proxy: bool,
}

type BoxError = Box<dyn Error + Send + Sync>;

impl Route {
    /// Ways to proxies are by this TLS, if they want any.
    pub(super) fn new(tls: ClientConfig, proxies: Arc<Proxies>) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT));
        let to_proxy = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1();
        Self { to_proxy: to_proxy.wrap_connector(tcp.clone()), tcp, proxies }
    }

    async fn go(mut self, to: Uri) -> Result<Way, BoxError> {
        let Some(proxy) = self.proxies.of(&to) else {
            let stream = MaybeHttpsStream::Http(self.tcp.call(to).await?);
            return Ok(Way { stream, is_proxy: false });
        };
        let is_proxy = to.scheme() == Some(&Scheme::HTTP);
        let made = timeout(CONNECT, async {
            match is_proxy {
                true => self.to_proxy.call(proxy.uri.clone()).await.map_err(|error| innermost(&*error)),
                false => self.tunnel(&proxy).call(to).await.map_err(|error| innermost(&error)),
            }
        });
        let made = made.await.unwrap_or_else(|_| Err(format!("no way within {} s", CONNECT.as_secs())));
        Ok(Way { stream: made.map_err(|why| proxy.dead_end(why))?, is_proxy })
    }

    fn tunnel(&self, proxy: &Proxy) -> Tunnel<HttpsConnector<HttpConnector>> {
        let tunnel = Tunnel::new(proxy.uri.clone(), self.to_proxy.clone());
        match &proxy.shown {
            Some(shown) => tunnel.with_auth(shown.clone()),
            None => tunnel,
        }
    }
}

impl Service<Uri> for Route {
    type Response = Way;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Way, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        // So are both connectors, always.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        Box::pin(self.clone().go(to))
    }
}

impl Connection for Way {
    fn connected(&self) -> Connected {
        self.stream.connected().proxy(self.is_proxy)
    }
}

impl Read for Way {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, to: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, to)
    }
}

impl Write for Way {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
