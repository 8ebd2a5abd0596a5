//! What reaches a guest, and what leaves it.

use super::super::{Nonsense, Response, shown, status};

#[test]
fn credentials_and_the_connection_stay_outside() {
    for (name, passes) in [
        ("accept", true),
        ("content-type", true),
        ("content-length", true),
        ("host", true),
        ("x-remotely", true),
        ("vcluster-plugin-handler-name", true),
        ("authorization", false),
        ("proxy-authorization", false),
        ("cookie", false),
        ("set-cookie", false),
        ("sec-websocket-protocol", false),
        ("x-remote-user", false),
        ("x-remote-extra-scopes", false),
        ("impersonate-user", false),
        ("connection", false),
        ("keep-alive", false),
        ("proxy-connection", false),
        ("te", false),
        ("trailer", false),
        ("transfer-encoding", false),
        ("upgrade", false),
        ("x-hop", false),
        ("x-other-hop", false),
    ] {
        let headers = [("connection", &b"close, X-Hop"[..]), ("connection", b"x-other-hop "), (name, b"value")];
        let seen = shown(&headers);
        let expected: Vec<_> = passes.then(|| (name.to_owned(), b"value".to_vec())).into_iter().collect();
        assert_eq!(seen, expected, "{name}");
    }
}

#[test]
fn nonsense_is_not_sent() {
    let answer = |status, name: &str, value: &[u8]| {
        let headers = vec![(name.to_owned(), value.to_owned())];
        Response { status, headers, body: vec![] }.check()
    };
    for status in [0, 42, 100, 101, 199, 600, 999, 65535] {
        assert_eq!(answer(status, "a", b"b"), Err(Nonsense::Status(status)));
    }
    for status in [200, 204, 301, 404, 599] {
        assert!(answer(status, "a", b"b").is_ok());
    }
    for name in ["", "a b", "a:", "a\n", "\u{e4}", "a\0"] {
        assert_eq!(answer(200, name, b""), Err(Nonsense::Name), "{name:?}");
    }
    for value in [&b"a\nb"[..], b"a\r\nb: c", b"\0", b"\x7f", b"\x1b[2J"] {
        assert_eq!(answer(200, "a", value), Err(Nonsense::Value), "{value:?}");
    }
    for name in ["Transfer-Encoding", "connection", "Keep-Alive", "upgrade", "TE", "trailer", "proxy-connection"] {
        assert_eq!(answer(200, name, b"a"), Err(Nonsense::HopByHop), "{name}");
    }
    assert_eq!(answer(200, "a", &[b'x'; 64 << 10]), Err(Nonsense::Headers));
    let headers = vec![("a".to_owned(), vec![]); 101];
    assert_eq!(Response { status: 200, headers, body: vec![] }.check(), Err(Nonsense::Headers));
}

#[test]
fn a_length_is_not_the_guests_to_say() {
    let headers = vec![("Content-Length".to_owned(), b"7".to_vec()), ("X-A".to_owned(), b"\t\xff".to_vec())];
    let response = Response { status: 200, headers, body: b"body".to_vec() }.check().unwrap();
    assert_eq!(response.headers, [("x-a".to_owned(), b"\t\xff".to_vec())]);
}

#[test]
fn a_no_is_one_of_kubernetes() {
    let status: serde_json::Value = serde_json::from_str(&status(404, "no \"pod\"")).unwrap();
    assert_eq!(
        status,
        serde_json::json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": "no \"pod\"", "reason": "NotFound", "code": 404,
        })
    );
}
