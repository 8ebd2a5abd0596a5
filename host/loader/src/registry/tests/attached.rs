//! Signatures as cosign 3 keeps them: bundles, attached to the image.

mod real;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::signer::{Signer, trusting};
use super::*;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const PAYLOAD: &str = "application/vnd.in-toto+json";

impl Fake {
    /// Lists this as attached to the manifest with this digest.
    fn lists(&self, digest: &str, attached: &Value) {
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": attached}).to_string();
        let list = reply(index.as_bytes()).header("content-type", INDEX);
        self.answers(&format!("GET /v2/cars/referrers/{digest}"), None, list);
    }

    /// Has an image of these bytes as its one layer. Returns what a list says of it.
    fn attachable(&self, bundle: &[u8]) -> Value {
        let mut manifest = manifest(b"");
        let digest = sha(bundle);
        manifest["layers"] = json!([{"mediaType": BUNDLE, "size": bundle.len(), "digest": digest}]);
        self.answers(&format!("GET /v2/cars/blobs/{digest}"), None, reply(bundle));
        let manifest = manifest.to_string();
        let digest = sha(manifest.as_bytes());
        self.answers(&format!("GET /v2/cars/manifests/{digest}"), None, reply(manifest.as_bytes()));
        json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "artifactType": BUNDLE})
    }
}

fn statement(digest: &str) -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"digest": {"sha256": digest.strip_prefix("sha256:").unwrap()}}],
        "predicateType": "https://sigstore.dev/cosign/sign/v1",
        "predicate": {},
    })
}

fn bundle(payload: &[u8], payload_type: &str, signatures: &[&str]) -> Value {
    let signatures: Value = signatures.iter().map(|sig| json!({"sig": sig})).collect();
    let envelope = json!({"payload": STANDARD.encode(payload), "payloadType": payload_type, "signatures": signatures});
    json!({"mediaType": BUNDLE, "verificationMaterial": {"publicKey": {"hint": ""}}, "dsseEnvelope": envelope})
}

/// A bundle that is in order, by whomever and about whatever.
fn signed(by: &Signer, statement: &Value) -> Value {
    let payload = statement.to_string();
    let pae = format!("DSSEv1 {} {PAYLOAD} {} {payload}", PAYLOAD.len(), payload.len());
    bundle(payload.as_bytes(), PAYLOAD, &[&by.signature(pae.as_bytes())])
}

fn with(mut value: Value, pointer: &str, other: Value) -> Value {
    *value.pointer_mut(pointer).unwrap() = other;
    value
}

#[tokio::test]
async fn a_bundle_is_by_a_key_of_ours_and_about_this_image_or_refused() {
    let (fake, folder) = (Fake::start().await, tempfile::tempdir().unwrap());
    let (ours, stranger) = (Signer::new(), Signer::new());
    let registry = trusting(&fake, &folder, &[&Signer::new().pem(), &ours.pem()]);
    let pull = async || registry.pull("cars", &fake.image()).await.map_err(|error| error.to_string());
    let digest = fake.has(WASM);
    let right = statement(&digest);
    let (good, by_stranger) = (signed(&ours, &right), signed(&stranger, &right));
    let sig = |bundle: &Value| bundle["dsseEnvelope"]["signatures"][0]["sig"].as_str().unwrap().to_owned();
    let another = statement(&sha(b"another"));
    let payload = right.to_string();
    let bare = ours.signature(payload.as_bytes());
    let other_type = format!("DSSEv1 4 text {} {payload}", payload.len());
    let other_type = ours.signature(other_type.as_bytes());

    for nothing in [json!([]), Value::Null] {
        fake.lists(&digest, &nothing);
        let said = pull().await.unwrap_err();
        assert!(said.contains(&format!("{digest} is not signed; sign it with a key of registries")), "{said}");
    }

    let none = format!("none of the signatures of {digest} is by a key of ours; sign it");
    for (case, refused) in [
        ("a stranger's", by_stranger.clone()),
        ("about another image", signed(&ours, &another)),
        ("about nothing", signed(&ours, &with(right.clone(), "/subject", json!([])))),
        (
            "about another kind of digest",
            signed(&ours, &with(right.clone(), "/subject/0/digest", json!({"sha512": "00"}))),
        ),
        ("that states something else", signed(&ours, &with(right.clone(), "/predicateType", json!("vulnerable")))),
        ("no statement", signed(&ours, &with(right.clone(), "/_type", json!("something")))),
        ("changed", bundle(payload.as_bytes(), PAYLOAD, &[&sig(&signed(&ours, &another))])),
        ("signed without its envelope", bundle(payload.as_bytes(), PAYLOAD, &[&bare])),
        ("signed as something else", bundle(payload.as_bytes(), PAYLOAD, &[&other_type])),
        ("something else", bundle(payload.as_bytes(), "text", &[&other_type])),
        ("that says to be something else", bundle(payload.as_bytes(), "text", &[&sig(&good)])),
        ("not signed", bundle(payload.as_bytes(), PAYLOAD, &[])),
        ("signed twice", bundle(payload.as_bytes(), PAYLOAD, &[&sig(&by_stranger), &sig(&good)])),
        ("no signature", bundle(payload.as_bytes(), PAYLOAD, &["nonsense"])),
        ("of another version", with(good.clone(), "/mediaType", json!("application/vnd.dev.sigstore.bundle.v9+json"))),
        ("without an envelope", with(good.clone(), "/dsseEnvelope", Value::Null)),
        ("no bundle", json!([])),
    ] {
        fake.lists(&digest, &json!([fake.attachable(refused.to_string().as_bytes())]));
        let said = pull().await.expect_err(case);
        assert!(said.contains(&none), "{case}: {said}");
    }
    let layer = format!("GET /v2/cars/blobs/{}", sha(WASM));
    assert!(!lines(&fake.asked()).contains(&&*layer), "what is not signed is not even fetched");

    let both = [by_stranger, good].map(|bundle| fake.attachable(bundle.to_string().as_bytes()));
    fake.lists(&digest, &json!(both));
    assert_eq!(pull().await.unwrap().bytes, WASM);
    let several = with(right, "/subject", json!([another["subject"][0], statement(&digest)["subject"][0]]));
    fake.lists(&digest, &json!([fake.attachable(signed(&ours, &several).to_string().as_bytes())]));
    assert_eq!(pull().await.unwrap().bytes, WASM);
}

#[tokio::test]
async fn junk_beside_a_signature_does_not_hide_it() {
    let (fake, folder) = (Fake::start().await, tempfile::tempdir().unwrap());
    let ours = Signer::new();
    let registry = trusting(&fake, &folder, &[&ours.pem()]);
    let pull = async || registry.pull("cars", &fake.image()).await.map_err(|error| error.to_string());
    let digest = fake.has(WASM);
    let good = fake.attachable(signed(&ours, &statement(&digest)).to_string().as_bytes());
    let listed = |digest: &str| json!({"digest": digest, "artifactType": BUNDLE});
    let answers = |digest: &str, answer| fake.answers(&format!("GET /v2/cars/manifests/{digest}"), None, answer);
    let [missing, other, endless, index] = ["missing", "other", "endless", "index"].map(|name| sha(name.as_bytes()));
    answers(&other, reply(b"{}"));
    answers(&endless, reply(b"").endless());
    let of_index = json!({"schemaVersion": 2, "manifests": []}).to_string();
    answers(&sha(of_index.as_bytes()), reply(of_index.as_bytes()));
    let large = vec![b' '; (256 << 10) + 1];
    for (junk, said) in [
        (listed(&missing), ", and one cannot be read (127.0.0.1 has no such manifest (404: UNKNOWN)"),
        (listed(&other), &format!(", and one cannot be read (the manifest from {} is {}", fake.at, sha(b"{}"))),
        (listed(&endless), ", and one cannot be read (127.0.0.1 does not answer as a registry does: its manifest has"),
        (listed(&sha(of_index.as_bytes())), "is not signed; sign it"),
        (fake.attachable(&large), "is not signed; sign it"),
        (fake.attachable(b"no JSON"), "none of the signatures of"),
        (listed("sha256:../../../other"), "is not signed; sign it"),
        (json!({"digest": index, "artifactType": "application/spdx+json"}), "is not signed; sign it"),
    ] {
        fake.lists(&digest, &json!([junk]));
        let refused = pull().await.unwrap_err();
        assert!(refused.contains(said) && refused.contains("; sign it with a key of "), "{junk}: {refused}");
        fake.lists(&digest, &json!([junk, good]));
        assert_eq!(pull().await.unwrap().bytes, WASM, "{junk}");
    }
    // Nor does junk where the other kind of signatures is kept.
    let tag = format!("GET /v2/cars/manifests/{}.sig", digest.replace(':', "-"));
    for junk in [reply(b"no JSON"), reply(of_index.as_bytes()), reply(b"").endless()] {
        fake.answers(&tag, None, junk);
        assert_eq!(pull().await.unwrap().bytes, WASM);
    }
}

#[tokio::test]
async fn no_more_than_so_many_bundles_are_looked_at() {
    let (fake, folder) = (Fake::start().await, tempfile::tempdir().unwrap());
    let ours = Signer::new();
    let registry = trusting(&fake, &folder, &[&ours.pem()]);
    let digest = fake.has(WASM);
    let good = fake.attachable(signed(&ours, &statement(&digest)).to_string().as_bytes());
    let mut attached = vec![fake.attachable(b"{}"); 64];
    attached.push(good.clone());
    fake.lists(&digest, &json!(attached));
    let said = registry.pull("cars", &fake.image()).await.unwrap_err().to_string();
    assert!(said.contains("none of the signatures of"), "{said}");
    let bundle = format!("GET /v2/cars/blobs/{}", sha(b"{}"));
    assert_eq!(lines(&fake.asked()).iter().filter(|line| **line == bundle).count(), 64);

    // What says that it states something else does not count.
    for other in &mut attached[..64] {
        other["annotations"] = json!({"dev.sigstore.bundle.predicateType": "https://spdx.dev/Document"});
    }
    fake.lists(&digest, &json!(attached));
    assert_eq!(registry.pull("cars", &fake.image()).await.unwrap().bytes, WASM);
}
