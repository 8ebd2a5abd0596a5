//! Interceptors answer API requests on a port of the runtime's own, and nothing else does.

mod bounds;
mod refused;

use crate::support::{
    STARTED, Stage,
    port::{Answer, Port},
};
use anyhow::Result;
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, Client, Config, ResourceExt};
use serde_json::json;
use sluice_tests::{Lab, eventually};
use tokio::{io::AsyncReadExt, io::AsyncWriteExt, net::TcpStream};

/// Grants for both plugins with interceptors.
pub(crate) const CONFIG: &str = "
plugins:
  pod-interceptor:
    interceptors:
    - { apiGroups: ['*'], resources: [pods], verbs: [get] }
  hostile-intercept:
    interceptors:
    - { nonResourceURLs: ['*'], verbs: ['*'] }
";

async fn stage(test_name: &str) -> Result<Stage> {
    Stage::with_plugins(Lab::take(test_name).await?, &["pod-interceptor", "hostile-intercept"], CONFIG)
}

#[tokio::test]
async fn api_a_pod_that_does_not_exist_is_answered() -> Result<()> {
    let stage = stage("intercept_pod").await?;
    let mark = stage.lab.virtual_plane.audit_mark();
    let mut sluice = stage.start().await?;
    let port = Port::of(&mut sluice).await?;
    let answer = port.get("/api/v1/namespaces/test/pods/stuff").await?;
    assert_eq!((answer.status, answer.head.contains("content-type: application/json")), (200, true));
    let pod = answer.json()?;
    assert_eq!((&pod["kind"], &pod["metadata"]["name"]), (&json!("Pod"), &json!("definitelynotstuff")));

    // As any client sees it that is told to ask there.
    let client = Client::try_from(Config::new(format!("http://{}", port.0).parse()?))?;
    let pod = Api::<Pod>::namespaced(client, "test").get("stuff").await?;
    assert_eq!(pod.name_any(), "definitelynotstuff");
    let head = port.ask("HEAD", "/api/v1/namespaces/test/pods/stuff", &[], b"").await?;
    assert_eq!((head.status, head.body), (200, vec![]));
    // What is below a Pod is the Pod's.
    assert_eq!(port.get("/api/v1/namespaces/test/pods/stuff/log").await?.status, 200);

    // A client cannot choose who answers it.
    let other = "VCluster-Plugin-Handler-Name: intercept";
    let answer = port.ask("GET", "/api/v1/namespaces/test/pods/stuff", &[other], b"").await?;
    assert_eq!(answer.json()?["metadata"]["name"], "definitelynotstuff");
    let asked = stage.asked_above(mark)?;
    assert!(asked.iter().all(|event| event.resource != "pods"), "{asked:?}");
    Ok(())
}

#[tokio::test]
async fn api_what_no_rule_is_for_is_refused_and_not_forwarded() -> Result<()> {
    let stage = stage("intercept_none").await?;
    stage.create(json!({ "metadata": { "name": "there" } })).await?;
    let mut sluice = stage.start().await?;
    let port = Port::of(&mut sluice).await?;
    let mark = stage.lab.virtual_plane.audit_mark();
    for (method, path) in [
        ("GET", "/api/v1/namespaces/test/pods"),
        ("GET", "/api/v1/namespaces/test/pods?fieldSelector=metadata.name=stuff"),
        ("DELETE", "/api/v1/namespaces/test/pods/stuff"),
        ("POST", "/api/v1/namespaces/test/pods"),
        ("GET", "/api/v1/namespaces/default/configmaps/there"),
        ("GET", "/apis"),
        ("GET", "/version"),
        ("GET", "/way"),
    ] {
        let answer = port.ask(method, path, &[], b"").await?;
        assert_eq!(answer.status, 404, "{method} {path}");
        let (path, message) = (path.split('?').next().unwrap_or_default(), answer.refusal()?);
        let expected = format!("no interceptor answers {method} {path}, and nothing is forwarded to an API server");
        assert_eq!(message, expected);
    }
    for path in ["/a%zz", "/api/v1/watch"] {
        let answer = port.get(path).await?;
        assert_eq!((answer.status, answer.refusal()?.starts_with("the path ")), (400, true), "{path}");
    }
    let asked = stage.asked_above(mark)?;
    assert!(asked.iter().all(|event| event.resource != "pods" && event.resource != "configmaps"), "{asked:?}");
    Ok(())
}

#[tokio::test]
async fn api_credentials_reach_neither_the_guest_nor_the_log() -> Result<()> {
    let stage = stage("intercept_credentials").await?;
    let mut sluice = stage.launch_with(&["--interceptors", "127.0.0.1:0"])?;
    let port = Port::of(&mut sluice).await?;
    let secret = [
        "Authorization: Bearer hunter2",
        "Proxy-Authorization: Basic hunter2",
        "Cookie: session=hunter2",
        "Set-Cookie: session=hunter2",
        "Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.hunter2",
        "X-Remote-User: hunter2",
        "X-Remote-Extra-Scopes: hunter2",
        "Impersonate-User: hunter2",
        "Upgrade: hunter2",
        "X-Hop: hunter2",
        "Connection: X-Hop",
        "Accept: application/json",
    ];
    let answer = port.ask("PUT", "/way/echo?a=b", &secret, b"body").await?;
    let host = port.0.to_string();
    let headers = json!([["host", host], ["accept", "application/json"], ["content-length", "4"]]);
    let seen = json!({ "method": "PUT", "path": "/way/echo", "query": "a=b", "headers": headers, "bytes": 4 });
    assert_eq!(answer.json()?, seen);

    // One that fails is told with its path alone.
    let answer = port.ask("PUT", "/way/trap?token=hunter2", &secret, b"hunter2").await?;
    assert_eq!(answer.refusal()?, "the interceptor \"intercept\" of plugin hostile-intercept failed: it trapped");
    let told = sluice.wait_for_line("no answer: it trapped").await?;
    for part in [
        r#""plugin":"hostile-intercept""#,
        r#""interceptor":"intercept""#,
        r#""method":"PUT""#,
        r#""path":"/way/trap""#,
    ] {
        assert!(told.contains(part), "{told}");
    }
    assert!(!sluice.logs().contains("hunter2"));
    Ok(())
}

#[tokio::test]
async fn api_every_replica_answers() -> Result<()> {
    let stage = stage("intercept_replicas").await?;
    let mut first = stage.start().await?;
    let mut second = stage.launch()?;
    second.wait_for_line("waiting to become leader").await?;
    for sluice in [&mut first, &mut second] {
        let answer = Port::of(sluice).await?.get("/api/v1/namespaces/test/pods/stuff").await?;
        assert_eq!(answer.status, 200);
    }
    assert!(second.stderr.find(STARTED).is_none());
    Ok(())
}

#[tokio::test]
async fn api_a_request_under_way_is_answered_before_the_end() -> Result<()> {
    let stage = stage("intercept_drain").await?;
    let mut sluice = stage.start().await?;
    let port = Port::of(&mut sluice).await?;
    // One that waits for its next request is ended at once.
    let mut idle = TcpStream::connect(port.0).await?;
    let mut stream = port.send("PUT", "/way/echo", &["content-length: 4", "expect: 100-continue"]).await?;
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await?;
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");

    sluice.signal("TERM")?;
    eventually("the port is closed", async || TcpStream::connect(port.0).await.is_err()).await?;
    idle.read_to_end(&mut Vec::new()).await?;
    stream.write_all(b"body").await?;
    let answer = Answer::read(stream).await?;
    assert_eq!((answer.status, &answer.json()?["bytes"]), (200, &json!(4)));
    let status = eventually("sluice ends", async || sluice.ended().ok().flatten()).await?;
    assert!(status.success(), "{status}");
    Ok(())
}
