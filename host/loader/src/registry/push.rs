//! Putting a component into a registry.

use http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use http::{HeaderMap, Method, StatusCode, Uri};
use hyper::body::Bytes;

use super::Registry;
use super::client::Client;
use super::error::{Problem, RegistryError, nonsense};
use super::manifest::{CONFIG_TYPE, Config, Descriptor, Faces, LAYER_TYPE, MANIFEST_TYPE, Manifest};
use super::reference::Reference;
use super::request::{Ask, LATE, SOON, with_query};
use crate::found::{LoadError, MAX_BYTES, digest, is_component};

/// When it was made: never, so that the same component has the same digest wherever it is pushed from.
const CREATED: &str = "1970-01-01T00:00:00Z";
/// Bytes that are read of an answer that says little.
const LITTLE: u64 = 1 << 20;

/// A component, and what its config says of it.
#[derive(Clone, Copy, Debug)]
pub struct Component<'a> {
    /// The component itself.
    pub bytes: &'a [u8],
    /// The names of what it exports.
    pub exports: &'a [String],
    /// The names of what it imports.
    pub imports: &'a [String],
}

impl Registry {
    /// Pushes a component under a tag, and returns the digest of its manifest: the same for the same component. What is
    /// there already is not sent again. Mirrors have no part in it.
    ///
    /// # Errors
    /// The image is named by a digest, it is no component, it is larger than [`MAX_BYTES`], or the registry does not
    /// take it.
    pub async fn push(&self, image: &Reference, component: Component<'_>) -> Result<String, LoadError> {
        let pushed = self.client.push(image, component).await;
        let failed = |problem| RegistryError { image: image.to_string(), tried: vec![(image.path(), problem)] };
        Ok(pushed.map_err(failed)?)
    }
}

impl Client {
    async fn push(&self, image: &Reference, component: Component<'_>) -> Result<String, Problem> {
        if image.digest.is_some() {
            return Err(Problem::PushedByDigest);
        }
        if component.bytes.len() as u64 > MAX_BYTES {
            return Err(Problem::TooLarge);
        }
        if !is_component(component.bytes) {
            return Err(Problem::NoPlugin("it does not begin as a component does".into()));
        }
        let layer = described(LAYER_TYPE, component.bytes);
        let Component { exports, imports, .. } = component;
        let config = json(&Config {
            created: CREATED,
            architecture: "wasm",
            os: "wasip2",
            layer_digests: [&layer.digest],
            component: Faces { exports, imports, target: None },
        })?;
        self.upload(image, &layer.digest, Bytes::copy_from_slice(component.bytes)).await?;
        let described = described(CONFIG_TYPE, &config);
        self.upload(image, &described.digest, config.into()).await?;
        let manifest = json(&Manifest {
            schema_version: 2,
            media_type: MANIFEST_TYPE.into(),
            artifact_type: Some(CONFIG_TYPE.into()),
            config: described,
            layers: vec![layer],
        })?;
        let digest = format!("sha256:{}", digest(&manifest));
        let uri = self.uri(image, &format!("manifests/{}", image.wanted()))?;
        self.put(image, uri, MANIFEST_TYPE, "repository", manifest.into()).await?;
        Ok(digest)
    }

    /// Uploads bytes that are not there yet.
    async fn upload(&self, image: &Reference, digest: &str, body: Bytes) -> Result<(), Problem> {
        let ask = |method, uri| Ask {
            place: image,
            method,
            uri,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            what: "repository",
            push: true,
            limit: LITTLE,
            within: SOON,
        };
        let there = ask(Method::HEAD, self.uri(image, &format!("blobs/{digest}"))?);
        if self.ask(&there, Some(StatusCode::NOT_FOUND)).await?.status.is_success() {
            return Ok(());
        }
        let begin = ask(Method::POST, self.uri(image, "blobs/uploads/")?);
        let answer = self.ask(&begin, None).await?;
        let to = self.sent(&begin.uri, answer.header(&LOCATION).unwrap_or_default())?;
        let to = with_query(&to, "digest", digest);
        let to = to.ok_or_else(|| nonsense(&image.registry, "no address to upload to".into()))?;
        self.put(image, to, "application/octet-stream", "upload", body).await
    }

    async fn put(
        &self,
        place: &Reference,
        uri: Uri,
        media_type: &'static str,
        what: &'static str,
        body: Bytes,
    ) -> Result<(), Problem> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(media_type))]);
        let (method, push) = (Method::PUT, true);
        let ask = Ask { place, method, uri, headers, body, what, push, limit: LITTLE, within: LATE };
        self.ask(&ask, None).await.map(drop)
    }
}

fn described(media_type: &str, bytes: &[u8]) -> Descriptor {
    Descriptor {
        media_type: media_type.into(),
        digest: format!("sha256:{}", digest(bytes)),
        size: bytes.len() as u64,
        annotations: Default::default(),
    }
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(value).map_err(|error| Problem::NoPlugin(error.to_string()))
}
