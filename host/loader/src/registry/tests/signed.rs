//! Signatures as cosign 2 keeps them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::signature::Key;
use super::signer::{Signer, trusting};
use super::*;

const KIND: &str = "cosign container image signature";

fn payload(digest: &str, kind: &str) -> Vec<u8> {
    let critical =
        json!({"identity": {"docker-reference": ""}, "image": {"docker-manifest-digest": digest}, "type": kind});
    json!({"critical": critical, "optional": null}).to_string().into_bytes()
}

impl Fake {
    /// Keeps such signatures of the manifest with this digest.
    fn signed(&self, digest: &str, signatures: &[(Vec<u8>, String)]) {
        let layer = |(payload, signature): &(Vec<u8>, String)| {
            self.answers(&format!("GET /v2/cars/blobs/{}", sha(payload)), None, reply(payload));
            json!({
                "mediaType": "application/vnd.dev.cosign.simplesigning.v1+json",
                "size": payload.len(),
                "digest": sha(payload),
                "annotations": {"dev.cosignproject.cosign/signature": signature},
            })
        };
        let mut manifest = manifest(b"");
        manifest["layers"] = signatures.iter().map(layer).collect();
        let line = format!("GET /v2/cars/manifests/{}.sig", digest.replace(':', "-"));
        self.answers(&line, None, reply(manifest.to_string().as_bytes()));
    }
}

#[tokio::test]
async fn an_image_is_signed_by_one_of_our_keys_or_refused() {
    let (fake, folder) = (Fake::start().await, tempfile::tempdir().unwrap());
    let (ours, other) = (Signer::new(), Signer::new());
    let registry = trusting(&fake, &folder, &[&Signer::new().pem(), &ours.pem()]);
    let pull = async || registry.pull("cars", &fake.image()).await.map_err(|error| error.to_string());

    let digest = fake.has(WASM);
    let said = pull().await.unwrap_err();
    assert!(
        said.contains(&format!("{digest} is not signed; sign it with a key of registries.cosignKeys: `cosign sign")),
        "{said}"
    );
    let layer = format!("GET /v2/cars/blobs/{}", sha(WASM));
    assert!(!lines(&fake.asked()).contains(&&*layer), "what is not signed is not even fetched");

    let right = payload(&digest, KIND);
    let (by_us, by_other) = (ours.signature(&right), other.signature(&right));
    let another = payload(&sha(b"another"), KIND);
    let kind = payload(&digest, "something else");
    let none = format!("none of the signatures of {digest} is by a key of ours");
    for refused in [
        vec![],
        vec![(right.clone(), by_other.clone())],
        vec![(another.clone(), ours.signature(&another))],
        vec![(kind.clone(), ours.signature(&kind))],
        vec![(another.clone(), by_us.clone())],
        vec![(right.clone(), "nonsense".into()), (right.clone(), String::new()), (b"{}".into(), ours.signature(b"{}"))],
    ] {
        fake.signed(&digest, &refused);
        let said = pull().await.unwrap_err();
        assert!(said.contains(&none), "{said}");
    }
    fake.signed(&digest, &[(right.clone(), by_other), (right, by_us)]);
    assert_eq!(pull().await.unwrap().bytes, WASM);
}

/// Both were made by `openssl`, as cosign's are.
const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEpgSgeITDQDvEbznKYS8K9OOQK4g3
W2yVKa1H4FRae/D9RdH2IPCfYm12u9KmhLO3Er4dEdiPI9aKSWigHNl1AA==
-----END PUBLIC KEY-----
";
const SIGNATURE: &str =
    "MEUCIEj2rMJkkMevWJju9iNx5DS88XbxkyPGw+q3O4VF9xgnAiEAgJ5LmyxqaHjlA+lZHWKMtJgMSdQ05bQMLWwi7bVV+rU=";

#[test]
fn what_others_signed_is_understood() {
    let key = Key::parse(PUBLIC.as_bytes()).unwrap();
    let payload = format!(
        r#"{{"critical":{{"identity":{{"docker-reference":"registry.example.com/cars"}},"image":{{"docker-manifest-digest":"sha256:{}"}},"type":"{KIND}"}},"optional":null}}"#,
        "0".repeat(64)
    );
    let signature = STANDARD.decode(SIGNATURE).unwrap();
    assert!(key.signed(payload.as_bytes(), &signature));
    assert!(!key.signed(format!("{payload} ").as_bytes(), &signature));
}

#[test]
fn other_keys_are_named() {
    let p384 = "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEAeIuEu06f9xKV4Urd/7ASUdtXyKzoxrxfPRze3NFxHLxSbfMTriB/wL65Sji3ovX+As/cj61siXd9I+UXv0RRM769NEsUTK7YNlRlX0EgI0NezwEj3cDsv78ghDvwxhY";
    let p384 = format!("-----BEGIN PUBLIC KEY-----\n{p384}\n-----END PUBLIC KEY-----\n");
    for (pem, said) in
        [("", "not a public key in PEM"), (&p384, "not a key for ECDSA on P-256"), (&PUBLIC[..60], "not a public key")]
    {
        let error = Key::parse(pem.as_bytes()).unwrap_err();
        assert!(error.contains(said) && error.contains("`cosign generate-key-pair`"), "{error}");
    }
}
