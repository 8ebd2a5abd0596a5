//! kube's errors in one line each, and calls that end.

use std::error::Error;
use std::future::Future;
use std::io;
use std::time::Duration;

use kube::Error as KubeError;

/// How long any single request may take: what an API server itself allows one that is no watch is 60 s,
/// but one that has not answered within half of it is better asked anew.
pub(crate) const REQUEST: Duration = Duration::from_secs(30);

/// The call's answer, or an error if there is none within this time. kube's client alone waits for ever.
pub(crate) async fn within<T>(time: Duration, call: impl Future<Output = kube::Result<T>>) -> kube::Result<T> {
    tokio::time::timeout(time, call)
        .await
        .unwrap_or_else(|_| Err(KubeError::Service(format!("no answer within {} s", time.as_secs()).into())))
}

/// The HTTP status that the API server answered with.
pub(crate) fn status(error: &KubeError) -> Option<u16> {
    match error {
        KubeError::Api(status) => Some(status.code),
        _ => None,
    }
}

/// What went wrong, in one line: the API server's own words, or what a broken connection broke of.
pub(crate) fn words(error: &KubeError) -> String {
    match error {
        KubeError::Api(status) if status.message.is_empty() => format!("HTTP status {}", status.code),
        KubeError::Api(status) => status.message.clone(),
        KubeError::Service(_) | KubeError::HyperError(_) => {
            chain(error).last().map_or_else(|| error.to_string(), ToString::to_string)
        }
        _ => error.to_string(),
    }
}

/// What TLS says about a connection that did not come about.
pub(crate) fn tls(error: &KubeError) -> Option<String> {
    chain(error).find_map(|cause| cause.downcast_ref::<rustls::Error>()).map(ToString::to_string)
}

/// An error and its causes, the innermost last. `io::Error` hides what it wraps from `source`.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        wrapped.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_innermost_cause() {
        let tls = rustls::Error::General("bad".into());
        let error = KubeError::Service(Box::new(io::Error::other(io::Error::other(tls))));
        assert_eq!(words(&error), "unexpected error: bad");
        assert_eq!(super::tls(&error).as_deref(), Some("unexpected error: bad"));
        assert_eq!(words(&KubeError::Service("plain".into())), "plain");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_without_an_answer_ends() {
        let error = within(REQUEST, std::future::pending::<kube::Result<()>>()).await.unwrap_err();
        assert_eq!(words(&error), "no answer within 30 s");
    }
}
