use std::io::Write;
use std::path::Path;

use super::*;

const GOOD: &str = "
apiVersion: v1
kind: Config
current-context: c
contexts: [{name: c, context: {cluster: k, user: u}}]
clusters: [{name: k, cluster: {server: 'http://127.0.0.1:1'}}]
users: [{name: u, user: {token: t}}]
";

async fn problem(kubeconfig: &str) -> String {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(kubeconfig.as_bytes()).unwrap();
    let error = Cluster::reach(Side::Virtual, Access::file(file.path())).await.unwrap_err();
    assert_eq!((error.side, error.access), (Side::Virtual, Access::file(file.path())));
    error.problem.to_string()
}

#[tokio::test]
async fn a_missing_file_is_named() {
    let error = Cluster::reach(Side::Physical, Access::file("/nowhere/config")).await.unwrap_err().to_string();
    assert!(error.starts_with("physical cluster, kubeconfig /nowhere/config: cannot be read: No such file"), "{error}");
}

#[tokio::test]
async fn a_bad_file_names_its_field() {
    for (from, to, expected) in [
        (GOOD, "", "`current-context` is not set"),
        (GOOD, "[1, 2", "not a kubeconfig: line 1"),
        (GOOD, "clusters: 3", "not a kubeconfig: line 1"),
        ("current-context: c", "", "`current-context` is not set"),
        ("current-context: c", "current-context: ''", "`current-context` is not set"),
        ("current-context: c", "current-context: d", "`current-context`: names `d`, which is not in `contexts`"),
        ("cluster: k,", "cluster: l,", "`contexts[].context.cluster`: names `l`, which is not in `clusters`"),
        ("server: 'http://127.0.0.1:1'", "", "`clusters[].cluster.server`: not set"),
        ("http://127.0.0.1:1", "http://a b", "`clusters[].cluster.server`: invalid uri"),
        ("1'}", "1', proxy-url: 'http://a b'}", "`clusters[].cluster.proxy-url`: invalid uri"),
        ("1'}", "1', certificate-authority: /nowhere/ca}", "`clusters[].cluster.certificate-authority`: "),
        ("token: t", "client-certificate: /nowhere/c, client-key: k", "`users[].user"),
        ("token: t", "tokenFile: /nowhere/token", "`users[].user`: failed to read token file"),
    ] {
        let problem = problem(&GOOD.replace(from, to)).await;
        assert!(problem.starts_with(expected) && !problem.contains('\n'), "{problem}");
    }
}

#[tokio::test]
async fn an_unreachable_server_is_named() {
    let problem = problem(GOOD).await;
    assert!(problem.starts_with("no answer from http://127.0.0.1:1/: Connection refused"), "{problem}");
}

#[tokio::test]
async fn what_a_server_answers_is_told() {
    for (answer, expected) in [
        ("401 Unauthorized", "does not accept the credentials of `users[].user` (401)"),
        ("403 Forbidden", "lets this user do nothing (403): no"),
        ("404 Not Found", "does not answer as Kubernetes 1.28 and later does: no"),
        ("200 OK", "does not answer as Kubernetes 1.28 and later does: "),
    ] {
        let problem = problem(&GOOD.replace("127.0.0.1:1", &serve(answer).await)).await;
        assert!(problem.contains(expected), "{problem}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_told() {
    let address = serve("400 Bad Request").await;
    let problem = problem(&GOOD.replace("http://127.0.0.1:1", &format!("https://{address}"))).await;
    assert!(problem.starts_with("no TLS connection to https://"), "{problem}");
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let problem = problem(&GOOD.replace("127.0.0.1:1", &listener.local_addr().unwrap().to_string())).await;
    assert!(problem.contains("no answer within 10 s"), "{problem}");
}

#[tokio::test]
async fn what_is_no_file_is_named() {
    let text = GOOD.replace("127.0.0.1:1", "127.0.0.1:2");
    for (access, expected) in [
        (Access::text("`workloadConfig`", &text), "kubeconfig `workloadConfig`: no answer from http://127.0.0.1:2/"),
        (Access::text("`workloadConfig`", "[1, 2"), "kubeconfig `workloadConfig`: not a kubeconfig: line 1"),
        (
            Access::text("`workloadConfig`", &text).at(Some("http://127.0.0.1:1")),
            "kubeconfig `workloadConfig`, server http://127.0.0.1:1: no answer from http://127.0.0.1:1/",
        ),
        (Access::text("it", &text).at(Some("http://a b")), "kubeconfig it, server http://a b: `server`: invalid uri"),
        (Access::service_account(), "service account of this pod: failed to read an incluster environment variable"),
    ] {
        assert!(!format!("{access:?}").contains("token"), "{access:?}");
        let error = Cluster::reach(Side::Physical, access).await.unwrap_err().to_string();
        assert!(error.starts_with(&format!("physical cluster, {expected}")), "{error}");
    }
}

#[tokio::test]
async fn a_token_that_is_renewed_counts_before_one_that_is_not() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"renewed").unwrap();
    for (path, sent) in [(file.path(), "Bearer renewed"), (Path::new("/nowhere/token"), "Bearer t")] {
        let (address, request) = heard("401 Unauthorized").await;
        let user = format!("token: t, tokenFile: {}", path.display());
        problem(&GOOD.replace("127.0.0.1:1", &address).replace("token: t", &user)).await;
        let request = request.await.unwrap();
        assert!(request.contains(sent), "{request}");
    }
}

/// Answers one request. Returns its address.
async fn serve(answer: &'static str) -> String {
    heard(answer).await.0
}

/// The same, with the request.
async fn heard(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let length = stream.read(&mut request).await.unwrap_or_default();
        let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 2\r\n\r\nno");
        let _ = stream.write_all(answer.as_bytes()).await;
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    (address, heard)
}
