//! Signatures by `cosign`, with a key: kept in the registry beside the image, under a tag made of its digest.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;

use super::client::Client;
use super::error::Problem;
use super::manifest::Manifest;
use super::reference::Reference;

/// Annotation of a layer: the signature over its bytes, in base64.
const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
/// Media type of such a layer.
const PAYLOAD_TYPE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// What such a layer says that it is.
const KIND: &str = "cosign container image signature";
/// Bytes of a payload: it names an image and little else.
const PAYLOAD: u64 = 64 << 10;
/// How many signatures are looked at. Whoever signs adds one.
const SIGNATURES: usize = 64;
/// What the DER of every public key on P-256 begins with; the point follows.
pub(super) const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// A public key: a point on P-256, not compressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key(Vec<u8>);

#[derive(Deserialize)]
struct Payload {
    critical: Critical,
}

#[derive(Deserialize)]
struct Critical {
    image: Image,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Image {
    #[serde(rename = "docker-manifest-digest")]
    digest: String,
}

impl Key {
    /// Reads `cosign.pub`.
    pub(super) fn parse(pem: &[u8]) -> Result<Self, String> {
        let way_out = "name the cosign.pub that `cosign generate-key-pair` writes";
        let key = SubjectPublicKeyInfoDer::from_pem_slice(pem);
        let key = key.map_err(|error| format!("not a public key in PEM: {error}; {way_out}"))?;
        match key.strip_prefix(&P256[..]) {
            Some(point) if point.len() == 65 && point[0] == 4 => Ok(Self(point.into())),
            _ => Err(format!("not a key for ECDSA on P-256, which is all that is known here; {way_out}")),
        }
    }

    /// Whether it signed these bytes.
    pub(super) fn signed(&self, bytes: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.0).verify(bytes, signature).is_ok()
    }
}

impl Client {
    /// Makes sure that one of the keys signed the manifest with this digest, if there are keys.
    pub(super) async fn signed(&self, place: &Reference, digest: &str) -> Result<(), Problem> {
        if self.access.keys.is_empty() {
            return Ok(());
        }
        let tag = Some(format!("{}.sig", digest.replacen(':', "-", 1)));
        let place = Reference { tag, digest: None, ..place.clone() };
        let body = match self.manifest(&place).await {
            Ok((_, body)) => body,
            Err(Problem::Missing { .. }) => return Err(Problem::NotSigned(format!("{digest} is not signed"))),
            Err(problem) => return Err(problem),
        };
        let manifest = Manifest::parse(&body, &place.registry)?;
        let layers = manifest.layers.iter().filter(|layer| layer.media_type == PAYLOAD_TYPE && layer.size <= PAYLOAD);
        for layer in layers.take(SIGNATURES) {
            let signature = layer.annotations.get(SIGNATURE).and_then(|text| STANDARD.decode(text).ok());
            let Some(signature) = signature else { continue };
            let payload = self.blob(&place, layer, "signature").await?;
            let by_us = self.access.keys.iter().any(|key| key.signed(&payload, &signature));
            if by_us && names(&payload, digest) {
                return Ok(());
            }
        }
        Err(Problem::NotSigned(format!("none of the signatures of {digest} is by a key of ours")))
    }
}

/// Whether a payload speaks of the manifest with this digest.
fn names(payload: &[u8], digest: &str) -> bool {
    let payload = serde_json::from_slice::<Payload>(payload);
    payload.is_ok_and(|Payload { critical }| critical.kind == KIND && critical.image.digest == digest)
}
