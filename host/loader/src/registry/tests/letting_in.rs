//! Passwords and tokens: where they are shown, and where not.

use std::path::Path;

use super::*;

/// `user:password`.
const BASIC: &str = "Basic dXNlcjpwYXNzd29yZA==";
const BEARER: &str = "Bearer t0ken";

fn with_password(fake: &Fake, folder: &Path) -> Registries {
    let file = folder.join("config.json");
    let auths = json!({"auths": {fake.at.to_string(): {"username": "user", "password": "password"}}});
    std::fs::write(&file, auths.to_string()).unwrap();
    Registries { auth_file: Some(file), ..fake.registries() }
}

/// From now on it answers nobody who does not show this.
fn closed(fake: &Fake, shown: &'static str, challenge: &str) {
    let manifest = manifest(WASM).to_string();
    let layer = format!("GET /v2/cars/blobs/{}", sha(WASM));
    for (line, body) in [("GET /v2/cars/manifests/1", manifest.as_bytes()), (&*layer, WASM)] {
        fake.answers(line, Some(shown), reply(body));
        fake.answers(line, None, reply(b"").status(401).header("www-authenticate", challenge));
    }
}

fn bearer(fake: &Fake) -> String {
    format!(r#"Bearer realm="http://{}/token",service="a b",scope="repository:cars:pull""#, fake.at)
}

const TOKEN: &str = "GET /token?service=a%20b&scope=repository%3Acars%3Apull";

#[tokio::test]
async fn a_password_is_shown_to_whom_it_is_for_and_asks_for_it() {
    let (fake, folder) = (Fake::start().await, tempfile::tempdir().unwrap());
    closed(&fake, BASIC, "Basic realm=\"ours\"");
    let found = open(&with_password(&fake, folder.path())).pull("cars", &fake.image()).await.unwrap();
    assert_eq!(found.bytes, WASM);
    let shown: Vec<_> = fake.asked().into_iter().map(|asked| asked.shown.is_some()).collect();
    assert_eq!(shown, [false, true, true]);

    let said = problem(&fake).await;
    assert!(said.contains("127.0.0.1 does not let us in (401); name a file with credentials for 127.0.0.1:"), "{said}");
}

#[tokio::test]
async fn a_password_that_is_renewed_is_read_again() {
    let (fake, folder) = (Fake::start().await, tempfile::tempdir().unwrap());
    closed(&fake, BASIC, "Basic realm=\"ours\"");
    let config = with_password(&fake, folder.path());
    let file = config.auth_file.clone().unwrap();
    let right = std::fs::read(&file).unwrap();
    std::fs::write(
        &file,
        right.strip_suffix(b"\"}}}").unwrap().to_vec().into_iter().chain(*b"!\"}}}").collect::<Vec<_>>(),
    )
    .unwrap();
    let registry = open(&config);
    let said = registry.pull("cars", &fake.image()).await.unwrap_err().to_string();
    assert!(said.contains(&format!("put `auth` of {} under `auths` in {}", fake.at, file.display())), "{said}");
    assert!(!said.contains("password") && !format!("{registry:?}").contains("dXNlc"), "{said}");
    std::fs::write(&file, right).unwrap();
    registry.pull("cars", &fake.image()).await.unwrap();
}

#[tokio::test]
async fn a_token_is_had_for_nothing_or_for_a_password_and_kept() {
    let (fake, folder) = (Fake::start().await, tempfile::tempdir().unwrap());
    closed(&fake, BEARER, &bearer(&fake));
    fake.answers(TOKEN, None, reply(br#"{"access_token": "t0ken"}"#));
    let registry = open(&fake.registries());
    registry.pull("cars", &fake.image()).await.unwrap();
    let layer = format!("GET /v2/cars/blobs/{}", sha(WASM));
    let manifest = "GET /v2/cars/manifests/1";
    assert_eq!(lines(&fake.asked()), [manifest, TOKEN, manifest, &layer]);
    registry.pull("cars", &fake.image()).await.unwrap();
    assert_eq!(lines(&fake.asked()), [manifest, &layer]);

    // It does not hold for ever.
    closed(&fake, "Bearer new", &bearer(&fake));
    for line in [manifest, &layer] {
        fake.answers(line, Some(BEARER), reply(b"").status(401).header("www-authenticate", bearer(&fake)));
    }
    fake.answers(TOKEN, None, reply(br#"{"token": "new"}"#));
    registry.pull("cars", &fake.image()).await.unwrap();
    assert_eq!(lines(&fake.asked()), [manifest, TOKEN, manifest, &layer]);

    fake.answers(TOKEN, None, reply(b"").status(401));
    assert!(problem(&fake).await.contains("does not let us in (401)"));
    fake.answers(TOKEN, Some(BASIC), reply(br#"{"token": "new"}"#));
    open(&with_password(&fake, folder.path())).pull("cars", &fake.image()).await.unwrap();
    for nothing in ["{}", "", r#"{"token": ""}"#, r#"{"token": "a\nb"}"#] {
        fake.answers(TOKEN, None, reply(nothing.as_bytes()));
        assert!(pull(&fake, &fake.image()).await.is_err(), "{nothing}");
    }
}

#[tokio::test]
async fn what_we_show_stays_where_it_was_asked_for() {
    let (fake, elsewhere, folder) = (Fake::start().await, Fake::start().await, tempfile::tempdir().unwrap());
    closed(&fake, BASIC, "Basic realm=\"ours\"");
    let path = format!("/v2/cars/blobs/{}", sha(WASM));
    let sent = reply(b"").status(307).header("location", format!("http://{}/there", elsewhere.at));
    fake.answers(&format!("GET {path}"), Some(BASIC), sent);
    elsewhere.answers("GET /there", None, reply(WASM));
    let mut config = with_password(&fake, folder.path());
    config.insecure.insert(elsewhere.at.to_string());
    let found = open(&config).pull("cars", &fake.image()).await.unwrap();
    assert_eq!(found.bytes, WASM);
    assert_eq!(elsewhere.asked(), [Asked { line: "GET /there".into(), shown: None }]);

    // Nor do we go where it is not said that we may, without TLS.
    config.insecure.remove(&elsewhere.at.to_string());
    let said = open(&config).pull("cars", &fake.image()).await.unwrap_err().to_string();
    assert!(said.contains("127.0.0.1 sends us to \"127.0.0.1\" without TLS, and we do not go there"), "{said}");
    assert_eq!(elsewhere.asked(), []);
}

#[test]
fn nobody_sends_us_from_tls_to_where_there_is_none() {
    let config = Registries { insecure: ["a.b:80".into(), "c.d:5000".into()].into(), ..Registries::default() };
    let Registry { client } = open(&config);
    let sent = |from: &str, to: &str| client.sent(&from.parse().unwrap(), to).is_ok();
    assert!(sent("https://a.b/v2", "https://e.f/g") && sent("https://a.b/v2", "/v3"));
    assert!(sent("http://a.b/v2", "https://e.f/g") && sent("http://a.b/v2", "http://c.d:5000/g"));
    assert!(!sent("https://a.b/v2", "http://a.b/v2") && !sent("https://a.b/v2", "http://c.d:5000/g"));
    assert!(!sent("http://a.b/v2", "http://e.f/g") && !sent("http://a.b/v2", "file:///etc/passwd"));
}

#[tokio::test]
async fn who_is_not_listed_is_spoken_to_by_tls_alone() {
    let fake = Fake::start().await;
    fake.has(WASM);
    let said = open(&Registries::default()).pull("cars", &fake.image()).await.unwrap_err().to_string();
    assert!(said.contains("127.0.0.1 does not speak TLS; if it is meant to be spoken to without, list it"), "{said}");
    assert_eq!(fake.asked(), []);
}
