//! Getting a component.

use http::header::{ACCEPT, HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use hyper::body::Bytes;
use tracing::warn;

use super::Registry;
use super::client::Client;
use super::error::{Problem, RegistryError, nonsense};
use super::manifest::{Descriptor, MANIFEST_TYPE, Manifest};
use super::reference::{Reference, is_sha256};
use super::request::{Ask, LATE, MANIFEST, SOON};
use crate::found::{Found, LoadError, digest, is_component, is_label};

/// What a registry says that a manifest's digest is.
const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// An image that was had.
#[derive(Clone, PartialEq, Eq)]
pub struct Pulled {
    /// The image, with the digest of its manifest.
    pub image: Reference,
    /// The mirror that gave it, if one did, without tag and digest.
    pub mirror: Option<String>,
    /// The component, at most [`crate::MAX_BYTES`].
    pub bytes: Vec<u8>,
}

impl Registry {
    /// The plugin of this name, which is this image: what [`Registry::fetch`] gives.
    ///
    /// # Errors
    /// It is no plugin's name, or the image cannot be had.
    pub async fn pull(&self, name: &str, image: &Reference) -> Result<Found, LoadError> {
        if !is_label(name) {
            let tried = vec![(image.path(), Problem::Name(name.into()))];
            return Err(RegistryError { image: image.to_string(), tried }.into());
        }
        let Pulled { image, mirror, bytes } = self.fetch(image).await?;
        let mirror = mirror.map(|mirror| format!(" from {mirror}")).unwrap_or_default();
        Ok(Found::new(name.into(), format!("{image}{mirror}"), bytes))
    }

    /// The component that is this image. Looked for at mirrors first; the first that has it and is not found to be wrong
    /// gives it.
    ///
    /// # Errors
    /// None has it, what they have is none, it is larger than [`crate::MAX_BYTES`], its bytes are not what their digests
    /// say, or nobody whom we trust signed it. A registry has 30 s for its manifest and 10 minutes for the component.
    pub async fn fetch(&self, image: &Reference) -> Result<Pulled, LoadError> {
        let mut tried = vec![];
        for place in self.client.access.places(image) {
            match self.client.pull(&place).await {
                Ok((digest, bytes)) => {
                    tried.iter().for_each(|(at, problem): &(String, Problem)| {
                        warn!(%image, at, %problem, "an image is had elsewhere");
                    });
                    let mirror = (place.path() != image.path()).then(|| place.path());
                    return Ok(Pulled { image: image.pinned(&digest), mirror, bytes });
                }
                Err(problem) => tried.push((place.path(), problem)),
            }
        }
        Err(RegistryError { image: image.to_string(), tried }.into())
    }

    /// The digest of the manifest that an image has now: `sha256:` and 64 hex digits. One small request, to see whether a
    /// tag moved; what the registry says here is not compared with anything.
    ///
    /// # Errors
    /// Nobody says.
    pub async fn resolve(&self, image: &Reference) -> Result<String, LoadError> {
        if let Some(digest) = &image.digest {
            return Ok(digest.clone());
        }
        let mut tried = vec![];
        for place in self.client.access.places(image) {
            match self.client.resolve(&place).await {
                Ok(digest) => return Ok(digest),
                Err(problem) => tried.push((place.path(), problem)),
            }
        }
        Err(RegistryError { image: image.to_string(), tried }.into())
    }
}

/// Without the bytes.
impl std::fmt::Debug for Pulled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} from {:?}", self.image, self.mirror)
    }
}

impl Client {
    /// The digest of the manifest, and the component.
    async fn pull(&self, place: &Reference) -> Result<(String, Vec<u8>), Problem> {
        let (digest, body) = self.manifest(place, MANIFEST_TYPE).await?;
        let manifest = Manifest::parse(&body, &place.registry)?;
        let layer = manifest.component()?;
        #[cfg(any(test, feature = "cosign"))]
        self.signed(place, &digest).await?;
        let bytes = self.blob(place, layer, "layer").await?;
        match is_component(&bytes) {
            true => Ok((digest, bytes)),
            false => Err(Problem::NoPlugin("its layer does not begin as a component does".into())),
        }
    }

    /// The bytes of a manifest of this media type and their digest, which is the wanted one if one is wanted.
    pub(super) async fn manifest(
        &self,
        place: &Reference,
        media_type: &'static str,
    ) -> Result<(String, Vec<u8>), Problem> {
        let ask = self.manifest_ask(place, Method::GET, media_type)?;
        let answer = self.ask(&ask, None).await?;
        let found = format!("sha256:{}", digest(&answer.body));
        let (host, what) = (place.registry.clone(), "manifest");
        let told = answer.header(&CONTENT_DIGEST).filter(|told| is_sha256(told));
        match place.digest.as_deref().or(told).filter(|wanted| *wanted != found) {
            Some(wanted) => Err(Problem::Other { host, what, wanted: wanted.into(), found }),
            None => Ok((found, answer.body)),
        }
    }

    async fn resolve(&self, place: &Reference) -> Result<String, Problem> {
        let answer = self.ask(&self.manifest_ask(place, Method::HEAD, MANIFEST_TYPE)?, None).await?;
        match answer.header(&CONTENT_DIGEST).filter(|told| is_sha256(told)) {
            Some(told) => Ok(told.into()),
            // The header is not required.
            None => self.manifest(place, MANIFEST_TYPE).await.map(|(digest, _)| digest),
        }
    }

    fn manifest_ask<'a>(
        &self,
        place: &'a Reference,
        method: Method,
        media_type: &'static str,
    ) -> Result<Ask<'a>, Problem> {
        let uri = self.uri(place, &format!("manifests/{}", place.wanted()))?;
        let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(media_type))]);
        let (what, body) = ("manifest", Bytes::new());
        Ok(Ask { place, method, uri, headers, body, what, push: false, limit: MANIFEST, within: SOON })
    }

    /// Bytes that a manifest describes: no more of them, no less, and no others.
    pub(super) async fn blob(
        &self,
        place: &Reference,
        wanted: &Descriptor,
        what: &'static str,
    ) -> Result<Vec<u8>, Problem> {
        let uri = self.uri(place, &format!("blobs/{}", wanted.digest))?;
        let (method, headers, body) = (Method::GET, HeaderMap::new(), Bytes::new());
        let ask = Ask { place, method, uri, headers, body, what, push: false, limit: wanted.size, within: LATE };
        let bytes = self.ask(&ask, None).await?.body;
        let (host, size) = (place.registry.clone(), bytes.len() as u64);
        if size != wanted.size {
            return Err(nonsense(&host, format!("its {what} has {size} bytes, and its manifest says {}", wanted.size)));
        }
        let found = format!("sha256:{}", digest(&bytes));
        match found == wanted.digest {
            true => Ok(bytes),
            false => Err(Problem::Other { host, what, wanted: wanted.digest.clone(), found }),
        }
    }
}
