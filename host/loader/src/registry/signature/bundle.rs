//! What cosign 3 writes: a bundle by sigstore, in it an envelope (DSSE), in it a statement (in-toto) about an image.
//!
//! ```json
//! { "dsseEnvelope": { "payloadType": "application/vnd.in-toto+json", "payload": "…", "signatures": [{ "sig": "…" }] } }
//! ```

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// Media type of a bundle.
pub(super) const BUNDLE_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
/// What a statement is about if it is a signature. By the same key there may be others, such as what an image is made of,
/// or that it is not to be used.
pub(super) const PREDICATE_TYPE: &str = "https://sigstore.dev/cosign/sign/v1";
/// Media type of a statement.
const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// What a statement says that it is.
const KIND: &str = "https://in-toto.io/Statement/v1";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    media_type: String,
    dsse_envelope: Dsse,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Dsse {
    payload_type: String,
    payload: String,
    /// One: a bundle has no more.
    signatures: [Signature; 1],
}

#[derive(Deserialize)]
struct Signature {
    sig: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    predicate_type: String,
}

#[derive(Deserialize)]
struct Subject {
    digest: Digests,
}

#[derive(Deserialize)]
struct Digests {
    /// 64 hex digits.
    sha256: Option<String>,
}

/// A statement and its signature, which nobody has verified.
pub(super) struct Envelope {
    payload: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

impl Envelope {
    /// That of a bundle, if it is one and holds a statement.
    pub(super) fn parse(bundle: &[u8]) -> Option<Self> {
        let Bundle { media_type, dsse_envelope } = serde_json::from_slice(bundle).ok()?;
        let Dsse { payload_type, payload, signatures: [Signature { sig }] } = dsse_envelope;
        if media_type != BUNDLE_TYPE || payload_type != PAYLOAD_TYPE {
            return None;
        }
        Some(Self { payload: STANDARD.decode(payload).ok()?, signature: STANDARD.decode(sig).ok()? })
    }

    /// The bytes that are signed: what DSSE calls PAE.
    pub(super) fn signed(&self) -> Vec<u8> {
        pae(PAYLOAD_TYPE, &self.payload)
    }

    /// Whether it says that the manifest with this digest is signed.
    pub(super) fn names(&self, digest: &str) -> bool {
        let Ok(statement) = serde_json::from_slice::<Statement>(&self.payload) else { return false };
        let digits = digest.strip_prefix("sha256:");
        let is_it = |subject: &Subject| digits.is_some() && subject.digest.sha256.as_deref() == digits;
        statement.kind == KIND && statement.predicate_type == PREDICATE_TYPE && statement.subject.iter().any(is_it)
    }
}

fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_what_the_specification_says() {
        // Its own example.
        let signed = pae("http://example.com/HelloWorld", b"hello world");
        assert_eq!(signed, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }
}
