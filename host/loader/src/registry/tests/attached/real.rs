//! With what the real cosign wrote, version 3.1.3, into a registry that lists nothing by itself:
//!
//! ```sh
//! cosign generate-key-pair
//! cosign signing-config create --out nobody.json   # so that no log is told
//! cosign sign --key cosign.key --signing-config nobody.json REGISTRY/cars@sha256:f769…
//! cosign sign --key stranger.key …
//! cosign attest --key cosign.key … --type custom --predicate predicate.json …
//! ```
//!
//! `index.json` is then what is under the tag `sha256-f769…`, and it names the other files.

use super::*;

const KEY: &str = include_str!("../cosign3/cosign.pub");
const IMAGE: &[u8] = include_bytes!("../cosign3/image.json");
const INDEX_JSON: &[u8] = include_bytes!("../cosign3/index.json");
/// Manifests, and the bundles that are their layers.
const FILES: [&[u8]; 6] = [
    include_bytes!("../cosign3/ours.json"),
    include_bytes!("../cosign3/ours-bundle.json"),
    include_bytes!("../cosign3/stranger.json"),
    include_bytes!("../cosign3/stranger-bundle.json"),
    include_bytes!("../cosign3/attestation.json"),
    include_bytes!("../cosign3/attestation-bundle.json"),
];

/// Has the image, and what was attached to it, but no list. Returns the image's digest.
fn has(fake: &Fake) -> String {
    fake.has(WASM);
    fake.answers("GET /v2/cars/manifests/1", None, reply(IMAGE));
    for file in FILES {
        for what in ["manifests", "blobs"] {
            fake.answers(&format!("GET /v2/cars/{what}/{}", sha(file)), None, reply(file));
        }
    }
    sha(IMAGE)
}

fn tag(digest: &str) -> String {
    format!("GET /v2/cars/manifests/{}", digest.replace(':', "-"))
}

#[tokio::test]
async fn what_cosign_attached_is_found_in_the_list_and_under_the_tag() {
    let (fake, folder) = (Fake::start().await, tempfile::tempdir().unwrap());
    let registry = trusting(&fake, &folder, &[KEY]);
    let pull = async || registry.pull("cars", &fake.image()).await.map_err(|error| error.to_string());
    let digest = has(&fake);
    let list = format!("GET /v2/cars/referrers/{digest}");
    assert!(pull().await.unwrap_err().contains(&format!("{digest} is not signed; sign it")));

    fake.answers(&list, None, reply(INDEX_JSON).header("content-type", INDEX));
    assert_eq!(pull().await.unwrap().bytes, WASM);
    // As a registry listed it that goes by the config's media type.
    let mut index: Value = serde_json::from_slice(INDEX_JSON).unwrap();
    for one in index["manifests"].as_array_mut().unwrap() {
        one["artifactType"] = json!("application/vnd.oci.empty.v1+json");
    }
    fake.lists(&digest, &index["manifests"]);
    assert_eq!(pull().await.unwrap().bytes, WASM);
    // Without such lists there are many answers.
    fake.answers(&tag(&digest), None, reply(INDEX_JSON).header("content-type", INDEX));
    let page = reply(b"<html>").header("content-type", "text/html");
    let no_list = [400, 403, 404, 405, 406].map(|status| page.clone().status(status));
    for no_list in no_list.into_iter().chain([page.clone(), page.endless()]) {
        fake.asked();
        fake.answers(&list, None, no_list);
        assert_eq!(pull().await.unwrap().bytes, WASM);
        assert!(lines(&fake.asked()).contains(&&*tag(&digest)));
    }
    // It may have one, and cannot show it now.
    fake.answers(&list, None, reply(b"").status(503));
    assert!(pull().await.unwrap_err().ends_with("127.0.0.1 answers 503"));
}

#[tokio::test]
async fn what_cosign_attached_is_by_our_key_and_for_this_image_alone() {
    let (fake, folder) = (Fake::start().await, tempfile::tempdir().unwrap());
    let registry = trusting(&fake, &folder, &[KEY]);
    let pull = async || registry.pull("cars", &fake.image()).await.map_err(|error| error.to_string());
    let digest = has(&fake);
    let index: Value = serde_json::from_slice(INDEX_JSON).unwrap();
    let only = |file: &[u8]| {
        let listed = index["manifests"].as_array().unwrap();
        json!([listed.iter().find(|one| one["digest"] == sha(file)).unwrap()])
    };
    let [ours, _, stranger, _, attestation, _] = FILES;
    fake.lists(&digest, &only(ours));
    assert_eq!(pull().await.unwrap().bytes, WASM);
    for other in [stranger, attestation] {
        fake.lists(&digest, &only(other));
        let said = pull().await.unwrap_err();
        assert!(said.contains(&format!("none of the signatures of {digest} is by a key of ours; sign it")), "{said}");
    }

    let another = fake.has(b"\0asm\x0d\0\x01\0 and something else");
    fake.lists(&another, &only(ours));
    let said = pull().await.unwrap_err();
    assert!(said.contains(&format!("none of the signatures of {another} is by a key of ours")), "{said}");

    let by_another = trusting(&fake, &folder, &[&Signer::new().pem()]);
    has(&fake);
    fake.answers(&tag(&digest), None, reply(INDEX_JSON));
    fake.lists(&digest, &index["manifests"]);
    let said = by_another.pull("cars", &fake.image()).await.unwrap_err().to_string();
    assert!(said.contains("none of the signatures of"), "{said}");
}
