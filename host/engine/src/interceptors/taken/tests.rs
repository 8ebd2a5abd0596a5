use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body_util::Full;
use hyper::body::{Bytes, Frame};

use super::*;

/// A body that begins, and then fails or never goes on.
struct Begun(Option<&'static str>, Option<io::ErrorKind>);

impl Body for Begun {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match (self.0.take(), self.1) {
            (Some(text), _) => Poll::Ready(Some(Ok(Frame::data(Bytes::from(text))))),
            (None, Some(error)) => Poll::Ready(Some(Err(error.into()))),
            (None, None) => Poll::Pending,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_arrive_is_told() {
    let slow = whole(Begun(Some("a"), None)).await.expect_err("no body");
    assert_eq!((slow.status(), slow.to_string().as_str()), (408, "the body did not arrive within 30 s"));
    let broken = whole(Begun(Some("a"), Some(io::ErrorKind::ConnectionReset))).await.expect_err("no body");
    assert_eq!((broken.status(), broken.to_string().as_str()), (400, "the body did not arrive whole"));
    let full = |bytes: usize| whole(Full::<Bytes>::from(vec![0; bytes]));
    assert_eq!(full(BODY).await.expect("a body").len(), BODY);
    assert_eq!(full(BODY + 1).await.expect_err("no body").status(), 413);
}

#[test]
fn a_tunnel_is_no_request() {
    let parts = |method: &str, uri: &str| {
        let request = http::Request::builder().method(method).uri(uri).body(()).expect("a request");
        request.into_parts().0
    };
    for (method, uri) in [("CONNECT", "example.com:443"), ("CONNECT", "http://example.com/a"), ("OPTIONS", "*")] {
        assert!(matches!(asked(&parts(method, uri)), Err(NotTaken::Malformed(_))), "{method} {uri}");
    }
    // Whatever server a client takes us for, the path is what counts.
    let request = asked(&parts("GET", "http://user:password@example.com/a?b")).expect("a request");
    assert_eq!((&*request.verb, &*request.path), ("get", "/a"));
}
