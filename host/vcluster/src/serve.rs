//! The server that vCluster calls.

mod go_plugin;
mod service;

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::stream::{self, Stream};
use go_plugin::Controls;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::handshake::Socket;
use crate::handshake::socket::Listener;
use crate::init_config::InitConfig;
use crate::mutation::Mutation;
use crate::parent;
use crate::plugin_config::PluginConfig;

/// How long what is under way may take at the end. vCluster's patience is 2 s for all of it.
const DRAIN: Duration = Duration::from_millis(500);

/// What vCluster's calls come to.
pub trait Plugin: Send + Sync + 'static {
    /// Starts. Called once, before all else. vCluster does not go on before the answer, and is let go on after 60 s;
    /// this goes on too.
    ///
    /// # Errors
    /// Why it did not start, for the log. Whether vCluster starts without, [`Plugin::is_required`] says.
    fn initialize(&self, config: InitConfig) -> impl Future<Output = Result<(), String>> + Send;

    /// Whether vCluster is not to start without.
    fn is_required(&self) -> bool;

    /// What is wanted of vCluster. Called once, when [`Plugin::initialize`] is done, or is taking too long.
    fn config(&self) -> PluginConfig;

    /// What hooks make of an object: none if they leave it as it is. Called any time after [`Plugin::config`], at once
    /// for many objects, on replicas that do not lead too. Dropped after 8 s.
    ///
    /// # Errors
    /// It is denied, or a hook failed, which comes to the same: vCluster does not do it. This is what it logs.
    fn mutate(&self, mutation: Mutation) -> impl Future<Output = Result<Option<Value>, String>> + Send;

    /// This replica leads from now on, until its end. Called once at most.
    fn lead(&self);
}

/// Why it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// vCluster said so.
    Shutdown,
    /// vCluster is gone.
    Orphaned,
    /// Whoever called [`serve`] said so.
    Stopped,
}

/// Answers vCluster until it says that this is the end, is gone, or `stop` is ready. What the plugin has under way is the
/// caller's to end; vCluster waits 2 s for that after it said so.
///
/// # Errors
/// The socket broke.
pub async fn serve(socket: Socket, plugin: Arc<impl Plugin>, stop: impl Future<Output = ()>) -> io::Result<End> {
    let (shutdown, is_shut_down) = watch::channel(false);
    let (over, is_over) = watch::channel(false);
    let router = service::router(plugin, Controls { shutdown, is_over: is_over.clone() }).await;

    let closed = until(is_over);
    let served = async {
        match &socket.listener {
            Listener::Unix(all) => router.serve_with_incoming_shutdown(stream(|cx| all.poll_accept(cx)), closed).await,
            Listener::Tcp(all) => router.serve_with_incoming_shutdown(stream(|cx| all.poll_accept(cx)), closed).await,
        }
    };
    let mut served = pin!(served);
    let end = tokio::select! {
        () = until(is_shut_down) => End::Shutdown,
        () = parent::gone() => End::Orphaned,
        () = stop => End::Stopped,
        broken = &mut served => return Err(io::Error::other(broken.map_or_else(|error| error.to_string(), |()| "closed".into()))),
    };
    // Ends the streams that are silent all the time, and lets no further call in.
    over.send_replace(true);
    // What is not answered by then nobody waits for.
    let _ = timeout(DRAIN, served).await;
    Ok(end)
}

/// All connections that are made, one after the other.
fn stream<C, A>(
    mut accept: impl FnMut(&mut Context<'_>) -> Poll<io::Result<(C, A)>>,
) -> impl Stream<Item = io::Result<C>> {
    stream::poll_fn(move |cx| accept(cx).map(|accepted| Some(accepted.map(|(connection, _)| connection))))
}

/// Waits until it is so, or nobody can say so any more.
async fn until(mut so: watch::Receiver<bool>) {
    let _ = so.wait_for(|so| *so).await;
}

#[cfg(test)]
mod tests;
