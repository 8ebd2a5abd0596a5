//! What is attached to an image: images that say whose they are, and that the registry lists. One that does not know such
//! lists has them under a tag, kept by whoever attaches.

use std::collections::BTreeMap;

use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method};
use hyper::body::Bytes;
use serde::Deserialize;

use super::super::client::Client;
use super::super::error::{Problem, nonsense};
use super::super::manifest::{Descriptor, INDEX_TYPE, MANIFEST_TYPE, Manifest};
use super::super::reference::{Reference, is_sha256};
use super::super::request::{Answer, Ask, MANIFEST, SOON};
use super::bundle::{BUNDLE_TYPE, Envelope, PREDICATE_TYPE};
use super::{Found, SIGNATURES};

/// Media type of a config that says nothing. Some list it in place of what a bundle says that it is.
const EMPTY_TYPE: &str = "application/vnd.oci.empty.v1+json";
/// Annotation of what is attached: what its bundle states. Not every registry lists it.
const STATES: &str = "dev.sigstore.bundle.predicateType";
/// Bytes of a bundle: a statement, and at most a certificate and what logs said of it.
const BUNDLE: u64 = 256 << 10;

/// Some write null for what is empty.
#[derive(Deserialize)]
struct Attached {
    manifests: Option<Vec<One>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct One {
    digest: String,
    artifact_type: Option<String>,
    annotations: Option<BTreeMap<String, String>>,
}

impl One {
    /// Whether it may be a signature, by what is listed of it.
    fn is_signature(&self) -> bool {
        let states = self.annotations.as_ref().and_then(|annotations| annotations.get(STATES));
        ["", EMPTY_TYPE, BUNDLE_TYPE].contains(&self.artifact_type.as_deref().unwrap_or_default())
            && is_sha256(&self.digest)
            && states.is_none_or(|states| states == PREDICATE_TYPE)
    }
}

impl Client {
    /// Whether one of the keys signed the manifest with this digest, in a bundle that is attached to it.
    pub(super) async fn attached(&self, place: &Reference, digest: &str, found: &mut Found) -> Result<bool, Problem> {
        let Some(listed) = self.listed(place, digest).await? else { return Ok(false) };
        let Some(listed) = found.look(Attached::parse(&listed, &place.registry))? else { return Ok(false) };
        for one in listed.manifests.iter().flatten().filter(|one| one.is_signature()).take(SIGNATURES) {
            let Some(bundle) = found.look(self.bundle(&place.pinned(&one.digest)).await)?.flatten() else { continue };
            found.any = true;
            let envelope = Envelope::parse(&bundle);
            if envelope.is_some_and(|it| self.is_ours(&it.signed(), &it.signature) && it.names(digest)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What is attached to the manifest with this digest: an index, if there is one.
    async fn listed(&self, place: &Reference, digest: &str) -> Result<Option<Vec<u8>>, Problem> {
        let uri = self.uri(place, &format!("referrers/{digest}"))?;
        let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(INDEX_TYPE))]);
        let (method, body, what) = (Method::GET, Bytes::new(), "list of what is attached");
        let ask = Ask { place, method, uri, headers, body, what, push: false, limit: MANIFEST, within: SOON };
        match self.ask(&ask, None).await {
            Ok(answer) if is_index(&answer) => return Ok(Some(answer.body)),
            // There is no list: each registry says so in its own way, and some show a page that is for people.
            Ok(_) | Err(Problem::Missing { .. } | Problem::NotAllowed { .. } | Problem::Nonsense { .. }) => {}
            Err(Problem::Status { code: 400 | 405 | 406, .. }) => {}
            Err(problem) => return Err(problem),
        }
        let place = Reference { tag: Some(digest.replacen(':', "-", 1)), digest: None, ..place.clone() };
        match self.manifest(&place, INDEX_TYPE).await {
            Ok((_, index)) => Ok(Some(index)),
            Err(Problem::Missing { .. }) => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    /// The bundle that is this image: its one layer, if it is such an image.
    async fn bundle(&self, place: &Reference) -> Result<Option<Vec<u8>>, Problem> {
        let (_, body) = self.manifest(place, MANIFEST_TYPE).await?;
        let manifest = Manifest::parse(&body, &place.registry)?;
        match &manifest.layers[..] {
            [layer] if is_bundle(layer) => self.blob(place, layer, "signature").await.map(Some),
            _ => Ok(None),
        }
    }
}

impl Attached {
    fn parse(index: &[u8], host: &str) -> Result<Self, Problem> {
        serde_json::from_slice(index).map_err(|error| {
            nonsense(host, format!("its list of what is attached: line {} column {}", error.line(), error.column()))
        })
    }
}

fn is_index(answer: &Answer) -> bool {
    answer.header(&CONTENT_TYPE).is_some_and(|told| told.split(';').next().map(str::trim_end) == Some(INDEX_TYPE))
}

fn is_bundle(layer: &Descriptor) -> bool {
    layer.media_type == BUNDLE_TYPE && layer.size <= BUNDLE && is_sha256(&layer.digest)
}
