//! Tells when an API server says something to a watch.
//!
//! kube's watcher keeps bookmarks to itself. So it is given a client that listens to what comes in, below all that reads it.

use std::error::Error;
use std::sync::Arc;

use http::{Request, Response};
use http_body_util::BodyExt;
use kube::Client;
use kube::client::Body;
use tower::service_fn;

/// The same client, that calls `heard` for each piece of a list, and of a watch: objects, bookmarks, and errors within it.
/// An answer that begins is nothing yet, since a watch that stalls gets that far, too; nor is one of an error. Needs a
/// tokio runtime.
pub(super) fn listening(client: &Client, heard: impl Fn() + Send + Sync + 'static) -> Client {
    let (inner, heard) = (client.clone(), Arc::new(heard));
    let answers = move |request: Request<Body>| {
        let (inner, heard) = (inner.clone(), Arc::clone(&heard));
        async move {
            let answer = inner.send(request).await?;
            let good = answer.status().is_success();
            Ok::<Response<_>, kube::Error>(answer.map(|body| {
                body.map_err(unwrapped).map_frame(move |frame| {
                    if good && frame.is_data() {
                        heard();
                    }
                    frame
                })
            }))
        }
    };
    Client::new(service_fn(answers), client.default_namespace())
}

/// The client around this one wraps it in the same way again, which would be told as well.
fn unwrapped(error: kube::Error) -> Box<dyn Error + Send + Sync> {
    match error {
        kube::Error::Service(cause) => cause,
        error => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use futures::{StreamExt, TryStreamExt, stream};
    use http::StatusCode;
    use http_body_util::StreamBody;
    use hyper::body::{Bytes, Frame};
    use k8s_openapi::api::core::v1::ConfigMap;
    use kube::Api;
    use kube::api::{ListParams, WatchEvent, WatchParams};

    use super::*;

    const BOOKMARK: &str = concat!(
        r#"{"type":"BOOKMARK","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"8"}}}"#,
        "\n"
    );
    const REFUSAL: &str = r#"{"kind":"Status","status":"Failure","message":"no","reason":"Forbidden","code":403}"#;

    /// How an answer goes on after what it says.
    #[derive(Clone, Copy)]
    enum Then {
        Silence,
        Break,
        End,
    }

    /// A client of an API server that answers everything with this.
    fn server(status: u16, said: &'static [&'static str], then: Then) -> Client {
        let answers = move |_: Request<Body>| async move {
            let rest = match then {
                Then::Silence => stream::pending().boxed(),
                Then::Break => stream::iter([Err("it broke")]).boxed(),
                Then::End => stream::empty().boxed(),
            };
            let said = stream::iter(said).map(|said| Ok(Frame::data(Bytes::from_static(said.as_bytes()))));
            let mut answer = Response::new(StreamBody::new(said.chain(rest)));
            *answer.status_mut() = StatusCode::from_u16(status).unwrap();
            Ok::<_, Infallible>(answer)
        };
        Client::new(service_fn(answers), "default")
    }

    /// The same with somebody who counts what is heard.
    fn counted(client: &Client) -> (Api<ConfigMap>, impl Fn() -> usize + use<>) {
        let count = Arc::new(AtomicUsize::new(0));
        let counts = Arc::clone(&count);
        let client = listening(client, move || {
            counts.fetch_add(1, Ordering::Relaxed);
        });
        (Api::default_namespaced(client), move || count.load(Ordering::Relaxed))
    }

    #[tokio::test(start_paused = true)]
    async fn a_bookmark_is_heard_and_silence_is_not() {
        let (api, heard) = counted(&server(200, &[BOOKMARK, BOOKMARK], Then::Silence));
        let mut events = api.watch(&WatchParams::default(), "7").await.unwrap().boxed();
        assert_eq!(heard(), 0, "an answer has only begun");
        for _ in 0..2 {
            assert!(matches!(events.try_next().await, Ok(Some(WatchEvent::Bookmark(_)))));
        }
        let silence = tokio::time::timeout(Duration::from_secs(600), events.try_next()).await;
        assert!(silence.is_err());
        assert_eq!(heard(), 2);
    }

    #[tokio::test]
    async fn an_error_is_not_heard_and_is_told_as_it_was() {
        for (status, then, times) in [(403, Then::End, 0), (403, Then::Break, 0), (200, Then::Break, 1)] {
            let bare = server(status, &[REFUSAL], then);
            let (api, heard) = counted(&bare);
            let told = async |api: Api<ConfigMap>| api.list(&ListParams::default()).await.unwrap_err().to_string();
            assert_eq!(told(api).await, told(Api::default_namespaced(bare)).await);
            assert_eq!(heard(), times);
        }
    }
}
