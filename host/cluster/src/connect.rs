//! Reaching a cluster.

mod access;
mod problem;

use std::time::Duration;

use http::header::{HeaderValue, USER_AGENT};
use k8s_openapi::api::authentication::v1::SelfSubjectReview;
use kube::api::PostParams;
use kube::{Api, Client};
use sluice_core::key::Side;
use tracing::info;

use crate::cluster::Cluster;
use crate::failure::within;

pub use access::Access;
pub use problem::Problem;

/// How long the API server has for its first answer.
const FIRST_ANSWER: Duration = Duration::from_secs(10);

/// Why a cluster cannot be used: which, by what, and the way out.
#[derive(Debug, thiserror::Error)]
#[error("{side} cluster, {access}: {problem}")]
pub struct ConnectError {
    /// Which cluster.
    pub side: Side,
    /// How it was to be reached.
    pub access: Access,
    /// What is wrong.
    pub problem: Problem,
}

impl Cluster {
    /// Reaches a cluster and asks it whether it knows us.
    ///
    /// # Errors
    /// See [`Problem`]. An API server that does not answer is given up after 10 s.
    pub async fn reach(side: Side, access: Access) -> Result<Self, ConnectError> {
        match client(&access).await {
            Ok((client, user)) => {
                info!(%side, user, "connected");
                Ok(Self::new(side, &user, client))
            }
            Err(problem) => Err(ConnectError { side, access, problem }),
        }
    }
}

/// A client, and the name of the user that it acts as.
async fn client(access: &Access) -> Result<(Client, String), Problem> {
    let mut config = access.config().await?;
    let url = config.cluster_url.to_string();
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

#[cfg(test)]
mod tests;
