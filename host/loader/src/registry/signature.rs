//! Signatures by `cosign`, with a key, kept in the registry beside the image: under a tag made of its digest (cosign 2),
//! or in bundles that are attached to it (cosign 3). Keys alone decide; certificates and logs are not looked at.

mod attached;
mod bundle;
mod tagged;

use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject;

use super::client::Client;
use super::error::Problem;
use super::reference::Reference;

/// How many signatures of each kind are looked at. Whoever signs adds one.
const SIGNATURES: usize = 64;
/// What the DER of every public key on P-256 begins with; the point follows.
pub(super) const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// A public key: a point on P-256, not compressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key(Vec<u8>);

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

/// What was found beside an image and does not make it signed.
#[derive(Default)]
struct Found {
    /// Whether there is something that may be a signature.
    any: bool,
    /// What was wrong with the first that could not be read.
    broken: Option<Problem>,
}

impl Found {
    /// What was had, if it can be read. Whoever may write there can put a broken one beside a good one, so the next is
    /// looked at; a registry that gives no answer gives none to the next question either.
    fn look<T>(&mut self, had: Result<T, Problem>) -> Result<Option<T>, Problem> {
        match had {
            Ok(had) => Ok(Some(had)),
            Err(Problem::NoPlugin(_)) => Ok(None),
            Err(broken @ (Problem::Nonsense { .. } | Problem::Other { .. } | Problem::Missing { .. })) => {
                self.broken.get_or_insert(broken);
                Ok(None)
            }
            Err(problem) => Err(problem),
        }
    }

    fn not_signed(self, digest: &str) -> Problem {
        let none = format!("none of the signatures of {digest} is by a key of ours");
        Problem::NotSigned(match self {
            Self { broken: Some(broken), .. } => format!("{none}, and one cannot be read ({broken})"),
            Self { any: true, .. } => none,
            Self { any: false, .. } => format!("{digest} is not signed"),
        })
    }
}

impl Client {
    /// Makes sure that one of the keys signed the manifest with this digest, if there are keys.
    pub(super) async fn signed(&self, place: &Reference, digest: &str) -> Result<(), Problem> {
        if self.access.keys.is_empty() {
            return Ok(());
        }
        let mut found = Found::default();
        match self.tagged(place, digest, &mut found).await? || self.attached(place, digest, &mut found).await? {
            true => Ok(()),
            false => Err(found.not_signed(digest)),
        }
    }

    /// Whether one of the keys signed these bytes.
    fn is_ours(&self, bytes: &[u8], signature: &[u8]) -> bool {
        self.access.keys.iter().any(|key| key.signed(bytes, signature))
    }
}
