//! Taking a request: all of it, or why not.

use std::error::Error;
use std::time::Duration;

use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Body;
use sluice_core::interception::{Malformed, Request};
use tokio::time::timeout;

/// The largest body, in bytes: what an API server takes.
const BODY: usize = 3 << 20;
/// How long a request may take to arrive: its head, and then its body.
pub(crate) const TAKEN_WITHIN: Duration = Duration::from_secs(30);

/// Why a request is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTaken {
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("the body is larger than {} MiB", BODY >> 20)]
    TooLarge,
    #[error("the body did not arrive within {} s", TAKEN_WITHIN.as_secs())]
    TooSlow,
    #[error("the body did not arrive whole")]
    Broken,
}

impl NotTaken {
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) | Self::Broken => 400,
            Self::TooLarge => 413,
            Self::TooSlow => 408,
        }
    }
}

/// Path and query, as they were sent; "" if it is for none.
pub(crate) fn target(parts: &Parts) -> &str {
    parts.uri.path_and_query().map_or("", |target| target.as_str())
}

/// What is asked for.
pub(crate) fn asked(parts: &Parts) -> Result<Request, NotTaken> {
    // A tunnel is no request, whatever path it names.
    let target = if parts.method == http::Method::CONNECT { "" } else { target(parts) };
    Ok(Request::parse(parts.method.as_str(), target)?)
}

/// The whole body.
pub(crate) async fn whole<B: Body>(body: B) -> Result<Vec<u8>, NotTaken>
where
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    // What says that it is too large is not even read.
    if body.size_hint().lower() > BODY as u64 {
        return Err(NotTaken::TooLarge);
    }
    match timeout(TAKEN_WITHIN, Limited::new(body, BODY).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes().into()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(NotTaken::TooLarge),
        Ok(Err(_)) => Err(NotTaken::Broken),
        Err(_) => Err(NotTaken::TooSlow),
    }
}

#[cfg(test)]
mod tests;
