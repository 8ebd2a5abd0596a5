//! What cosign 2 writes: an image under the tag `sha256-….sig`, each layer a payload that names what is signed, with its
//! signature as an annotation.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::super::client::Client;
use super::super::error::Problem;
use super::super::manifest::{Descriptor, MANIFEST_TYPE, Manifest};
use super::super::reference::{Reference, is_sha256};
use super::{Found, SIGNATURES};

/// Annotation of a layer: the signature over its bytes, in base64.
const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
/// Media type of such a layer.
const PAYLOAD_TYPE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// What such a layer says that it is.
const KIND: &str = "cosign container image signature";
/// Bytes of a payload: it names an image and little else.
const PAYLOAD: u64 = 64 << 10;

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

impl Client {
    /// Whether one of the keys signed the manifest with this digest.
    pub(super) async fn tagged(&self, place: &Reference, digest: &str, found: &mut Found) -> Result<bool, Problem> {
        let tag = Some(format!("{}.sig", digest.replacen(':', "-", 1)));
        let place = Reference { tag, digest: None, ..place.clone() };
        let had = match self.manifest(&place, MANIFEST_TYPE).await {
            Err(Problem::Missing { .. }) => return Ok(false),
            had => had.and_then(|(_, body)| Manifest::parse(&body, &place.registry)),
        };
        let Some(manifest) = found.look(had)? else { return Ok(false) };
        found.any = true;
        for layer in manifest.layers.iter().filter(|layer| is_payload(layer)).take(SIGNATURES) {
            let signature = layer.annotations.get(SIGNATURE).and_then(|text| STANDARD.decode(text).ok());
            let Some(signature) = signature else { continue };
            let Some(payload) = found.look(self.blob(&place, layer, "signature").await)? else { continue };
            if self.is_ours(&payload, &signature) && names(&payload, digest) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn is_payload(layer: &Descriptor) -> bool {
    layer.media_type == PAYLOAD_TYPE && layer.size <= PAYLOAD && is_sha256(&layer.digest)
}

/// Whether a payload speaks of the manifest with this digest.
fn names(payload: &[u8], digest: &str) -> bool {
    let payload = serde_json::from_slice::<Payload>(payload);
    payload.is_ok_and(|Payload { critical }| critical.kind == KIND && critical.image.digest == digest)
}
