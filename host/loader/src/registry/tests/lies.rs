//! Registries that do not give what they say, and those that stand in for others.

use sluice_core::config::Mirror;

use super::*;

#[tokio::test]
async fn what_was_asked_for_is_had_and_named_by_its_digest() {
    let fake = Fake::start().await;
    let digest = fake.has(WASM);
    let found = pull(&fake, &fake.image()).await.unwrap();
    assert_eq!((found.name.as_str(), &found.bytes[..]), ("cars", WASM));
    assert_eq!(found.origin, format!("{}/cars:1@{digest}", fake.at));
    fake.asked();
    let found = pull(&fake, &fake.image().pinned(&digest)).await.unwrap();
    assert_eq!(found.bytes, WASM);
    assert_eq!(fake.asked()[0].line, format!("GET /v2/cars/manifests/{digest}"));
}

#[tokio::test]
async fn nothing_without_end_is_taken_in() {
    let fake = Fake::start().await;
    fake.has(WASM);
    fake.answers(&format!("GET /v2/cars/blobs/{}", sha(WASM)), None, reply(b"").endless());
    assert!(problem(&fake).await.contains(&format!("its layer has more than {} bytes", WASM.len())));
    fake.answers("GET /v2/cars/manifests/1", None, reply(b"").endless());
    assert!(problem(&fake).await.contains("its manifest has more than 4194304 bytes"));
    fake.answers("GET /v2/cars/manifests/1", None, reply(b"").endless().status(500));
    assert!(problem(&fake).await.ends_with("127.0.0.1 answers 500"));
    fake.answers("GET /v2/cars/manifests/1", None, reply(b"").status(302).header("location", "/v2/cars/manifests/1"));
    assert!(problem(&fake).await.contains("it sends us on more than 5 times"));
}

#[tokio::test]
async fn other_bytes_than_those_of_the_digest_are_refused() {
    let fake = Fake::start().await;
    let digest = fake.has(WASM);
    let layer = format!("GET /v2/cars/blobs/{}", sha(WASM));
    let mut other = WASM.to_vec();
    other[9] ^= 1;
    fake.answers(&layer, None, reply(&other));
    let said = problem(&fake).await;
    assert!(
        said.contains(&format!("the layer from {} is {}, and it was to be {}", fake.at, sha(&other), sha(WASM))),
        "{said}"
    );
    fake.answers(&layer, None, reply(&WASM[..12]));
    assert!(problem(&fake).await.contains("its layer has 12 bytes, and its manifest says 18"));

    fake.has(WASM);
    let manifest = manifest(b"other").to_string();
    fake.answers(&format!("GET /v2/cars/manifests/{digest}"), None, reply(manifest.as_bytes()));
    let said = pull(&fake, &fake.image().pinned(&digest)).await.unwrap_err();
    assert!(said.contains(&format!("the manifest from {} is {}", fake.at, sha(manifest.as_bytes()))), "{said}");
    let lying = reply(manifest.as_bytes()).header("docker-content-digest", digest);
    fake.answers("GET /v2/cars/manifests/1", None, lying);
    assert!(problem(&fake).await.contains("the manifest from "));
}

#[tokio::test]
async fn what_is_no_component_is_refused() {
    let fake = Fake::start().await;
    fake.has(b"\0asm\x01\0\0\0 a module");
    assert!(
        problem(&fake)
            .await
            .contains("its layer does not begin as a component does; push plugins with `sluice plugin push")
    );
}

#[tokio::test]
async fn what_a_registry_says_is_told_in_one_short_line() {
    let fake = Fake::start().await;
    let said = format!(r#"{{"errors": [{{"message": "no\u001b[31m\nway{}"}}]}}"#, "!".repeat(1000));
    fake.answers("GET /v2/cars/manifests/1", None, reply(said.as_bytes()).status(403));
    let said = problem(&fake).await;
    assert!(said.contains("127.0.0.1 does not allow it (403: no [31m way!!!") && said.len() < 300, "{said}");
}

#[tokio::test]
async fn a_tag_is_resolved_by_one_small_request() {
    let fake = Fake::start().await;
    let digest = fake.has(WASM);
    let registry = open(&fake.registries());
    let head = reply(b"").header("docker-content-digest", &digest);
    fake.answers("HEAD /v2/cars/manifests/1", None, head);
    assert_eq!(registry.resolve(&fake.image()).await.unwrap(), digest);
    assert_eq!(lines(&fake.asked()), ["HEAD /v2/cars/manifests/1"]);
    // Some do not say.
    fake.answers("HEAD /v2/cars/manifests/1", None, reply(b""));
    assert_eq!(registry.resolve(&fake.image()).await.unwrap(), digest);
    fake.asked();
    assert_eq!(registry.resolve(&fake.image().pinned(&digest)).await.unwrap(), digest);
    assert_eq!(fake.asked(), []);
}

#[tokio::test]
async fn mirrors_are_tried_in_their_order_and_not_believed() {
    let (origin, lying, honest) = (Fake::start().await, Fake::start().await, Fake::start().await);
    let digest = origin.has(WASM);
    let mirror = |fake: &Fake| Mirror { prefix: origin.at.to_string(), mirror: fake.at.to_string() };
    let config = Registries {
        insecure: [&origin, &lying, &honest].map(|fake| fake.at.to_string()).into(),
        mirrors: vec![mirror(&lying), mirror(&honest)],
        ..Registries::default()
    };
    let registry = open(&config);
    let image = origin.image().pinned(&digest);

    let found = registry.pull("cars", &image).await.unwrap();
    assert_eq!(found.origin, format!("{}/cars:1@{digest}", origin.at));

    lying.answers(&format!("GET /v2/cars/manifests/{digest}"), None, reply(b"{}"));
    honest.has(WASM);
    origin.asked();
    let found = registry.pull("cars", &image).await.unwrap();
    assert_eq!(found.origin, format!("{}/cars:1@{digest} from {}/cars", origin.at, honest.at));
    assert_eq!((found.bytes.as_slice(), origin.asked()), (WASM, vec![]));

    let missing: Reference = format!("{}/bikes:1", origin.at).parse().unwrap();
    let said = registry.pull("bikes", &missing).await.unwrap_err().to_string();
    let at = |fake: &Fake| format!("at {}/bikes: 127.0.0.1 has no such manifest (404: UNKNOWN)", fake.at);
    for fake in [&lying, &honest, &origin] {
        assert!(said.starts_with(&format!("image {missing}: ")) && said.contains(&at(fake)), "{said}");
    }
}
