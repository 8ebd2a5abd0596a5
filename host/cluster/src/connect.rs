//! Reaching a cluster by its kubeconfig.

mod problem;

use std::path::{Path, PathBuf};
use std::time::Duration;

use http::header::{HeaderValue, USER_AGENT};
use k8s_openapi::api::authentication::v1::SelfSubjectReview;
use kube::api::PostParams;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use sluice_core::key::Side;
use tracing::info;

use crate::cluster::Cluster;
use crate::failure::within;

pub use problem::Problem;

/// How long the API server has for its first answer.
const FIRST_ANSWER: Duration = Duration::from_secs(10);

/// Why a cluster cannot be used: which, by which file, and the way out.
#[derive(Debug, thiserror::Error)]
#[error("{side} cluster, kubeconfig {}: {problem}", file.display())]
pub struct ConnectError {
    /// Which cluster.
    pub side: Side,
    /// The kubeconfig.
    pub file: PathBuf,
    /// What is wrong.
    pub problem: Problem,
}

impl Cluster {
    /// Reaches the cluster of the current context of a kubeconfig and asks it whether it knows us.
    /// The environment is not read: neither `KUBECONFIG` nor a proxy's address.
    ///
    /// # Errors
    /// See [`Problem`]. An API server that does not answer is given up after 10 s.
    pub async fn connect(side: Side, kubeconfig: &Path) -> Result<Self, ConnectError> {
        let reached = reach(kubeconfig).await;
        let (client, user) = reached.map_err(|problem| ConnectError { side, file: kubeconfig.into(), problem })?;
        info!(%side, user, "connected");
        Ok(Self::new(side, &user, client))
    }
}

/// A client, and the name of the user that it acts as.
async fn reach(file: &Path) -> Result<(Client, String), Problem> {
    let kubeconfig = Kubeconfig::read_from(file)?;
    let proxy = proxy_url(&kubeconfig);
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
    let url = config.cluster_url.to_string();
    config.proxy_url = match proxy {
        Some(proxy) => Some(proxy.parse().map_err(|error| Problem::field("clusters[].cluster.proxy-url", &error))?),
        None => None,
    };
    config.connect_timeout = Some(FIRST_ANSWER);
    // A watch is silent for as long as nothing happens: it has its own idle limit, every other call its own timeout.
    config.read_timeout = None;
    // The writer asks for its claim before every try, and the queue keeps other keys going while one waits.
    config.default_retry = false;
    let agent = concat!("sluice/", env!("CARGO_PKG_VERSION"));
    config.headers.push((USER_AGENT, HeaderValue::from_static(agent)));

    // Others in the process may bring another provider along; rustls wants one to be named then.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::try_from(config).map_err(|error| Problem::of(&url, error))?;
    // Anybody may ask for the version; this is what is forbidden to nobody but the unknown.
    let reviews = Api::<SelfSubjectReview>::all(client.clone());
    let (params, review) = (PostParams::default(), SelfSubjectReview::default());
    let review = within(FIRST_ANSWER, reviews.create(&params, &review)).await;
    let status = review.map_err(|error| Problem::of(&url, error))?.status;
    let user = status.and_then(|status| status.user_info).and_then(|user| user.username).unwrap_or_default();
    Ok((client, user))
}

/// What the current context's cluster says; kube alone would also take `HTTPS_PROXY`, without heeding `NO_PROXY`.
fn proxy_url(kubeconfig: &Kubeconfig) -> Option<String> {
    let current = kubeconfig.current_context.as_ref()?;
    let context = kubeconfig.contexts.iter().find(|context| context.name == *current)?.context.as_ref()?;
    let cluster = kubeconfig.clusters.iter().find(|cluster| cluster.name == context.cluster)?.cluster.as_ref()?;
    cluster.proxy_url.clone().filter(|url| !url.is_empty())
}

#[cfg(test)]
mod tests;
