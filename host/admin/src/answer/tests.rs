use http_body_util::BodyExt;

use super::*;
use crate::state::State;

/// A runtime that is ready or not.
struct Runtime(bool);

impl Seen for Runtime {
    fn live(&self) -> Vec<Check> {
        vec![Check::passed("process", "")]
    }

    fn ready(&self) -> Vec<Check> {
        let cars = if self.0 { Check::passed("cars", "2 objects") } else { Check::failed("cars", "not listed yet") };
        vec![Check::passed("lease", "stands by"), cars]
    }

    fn state(&self) -> State {
        State::default()
    }

    fn metrics(&self) -> String {
        "# EOF\n".into()
    }
}

async fn ask(ready: bool, method: &str, path: &str) -> (u16, String) {
    let request = Request::builder().method(method).uri(path).body(()).unwrap();
    let reply = answer(&Runtime(ready), &request);
    let status = reply.status().as_u16();
    let body = reply.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.into()).unwrap())
}

#[tokio::test]
async fn health_is_a_word_or_a_list() {
    assert_eq!(ask(true, "GET", "/livez").await, (200, "ok".into()));
    assert_eq!(ask(true, "GET", "/readyz").await, (200, "ok".into()));
    let list = "[+]lease ok: stands by\n[+]cars ok: 2 objects\nreadyz check passed\n";
    for path in ["/readyz?verbose", "/readyz?verbose=1", "/readyz?a=b&verbose"] {
        assert_eq!(ask(true, "GET", path).await, (200, list.into()));
    }
    let list = "[+]lease ok: stands by\n[-]cars failed: not listed yet\nreadyz check failed\n";
    assert_eq!(ask(false, "GET", "/readyz").await, (503, list.into()));
    assert_eq!(ask(false, "GET", "/livez?verbose").await, (200, "[+]process ok\nlivez check passed\n".into()));
}

#[tokio::test]
async fn only_what_there_is_can_be_got_and_nothing_else_can_be_done() {
    for path in ["/livez", "/readyz", "/metrics", "/debug/state.json"] {
        assert_eq!(ask(true, "GET", path).await.0, 200);
        assert_eq!(ask(true, "HEAD", path).await.0, 200);
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "SEIZE"] {
            assert_eq!(ask(true, method, path).await.0, 405, "{method} {path}");
        }
    }
    for path in ["/", "/metrics/", "//metrics", "/debug", "/debug/pprof/", "/debug/../metrics", "/%6detrics", "*"] {
        assert_eq!(ask(true, "GET", path).await.0, 404, "{path}");
    }
}
