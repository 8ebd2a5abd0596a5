use k8s_openapi::Metadata;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::de::DeserializeOwned;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::{Body, Failure, Gvk, Handle};

mod dynamic;

pub use dynamic::Dynamic;

/// What a syncer sees of an object: a kind of [`k8s_openapi`], a type of one's own by
/// [`custom_resource!`](crate::custom_resource!), [`Dynamic`] for whatever has no type, or [`Handle`] to parse nothing.
///
/// A type keeps only the fields that it knows, so a copy made by way of a type lacks what a newer API server added.
pub trait Object: Sized {
    /// What an answer says of such an object: the object itself or, for a [`Handle`], a [`Body`].
    type Form: Form;

    /// The kind, where the type tells.
    const KIND: Option<Kind>;

    /// Fetches and parses.
    ///
    /// # Errors
    /// The JSON is not that of such an object.
    fn read(handle: &Handle) -> serde_json::Result<Self>;
}

/// What apiVersion and kind say, as a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// "" for the core group.
    pub group: &'static str,
    /// Such as `v1`.
    pub version: &'static str,
    /// Such as `ConfigMap`.
    pub kind: &'static str,
}

impl From<Kind> for Gvk {
    fn from(Kind { group, version, kind }: Kind) -> Self {
        Gvk::new(group, version, kind)
    }
}

impl Gvk {
    /// `group` is "" for the core group.
    pub fn new(group: impl Into<String>, version: impl Into<String>, kind: impl Into<String>) -> Self {
        Self { group: group.into(), version: version.into(), kind: kind.into() }
    }

    /// As manifests have it: `Gvk::from_api_version("apps/v1", "Deployment")`.
    pub fn from_api_version(api_version: &str, kind: impl Into<String>) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Self::new(group, version, kind)
    }
}

/// As the registration has it.
impl Serialize for Gvk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut gvk = serializer.serialize_struct("Gvk", 3)?;
        gvk.serialize_field("group", &self.group)?;
        gvk.serialize_field("version", &self.version)?;
        gvk.serialize_field("kind", &self.kind)?;
        gvk.end()
    }
}

/// An object that is held in full, and so can be changed and given back.
pub trait Whole: Object + Clone + Serialize {
    /// Replaces `metadata` by this JSON.
    ///
    /// # Errors
    /// The JSON is not that of metadata.
    fn set_metadata(&mut self, json: &str) -> serde_json::Result<()>;
}

/// What an answer can say of an object: a [`Whole`] one, or a [`Body`] made by hand.
pub trait Form {
    /// Its JSON.
    ///
    /// # Errors
    /// It has none, such as a map with keys that are no strings.
    fn body(&self) -> Result<Body, Failure>;
}

impl<T> Object for T
where
    T: Metadata<Ty = ObjectMeta> + Serialize + DeserializeOwned + Clone,
{
    type Form = Self;

    const KIND: Option<Kind> = Some(Kind { group: T::GROUP, version: T::VERSION, kind: T::KIND });

    fn read(handle: &Handle) -> serde_json::Result<Self> {
        serde_json::from_str(&handle.json())
    }
}

impl<T> Whole for T
where
    T: Metadata<Ty = ObjectMeta> + Serialize + DeserializeOwned + Clone,
{
    fn set_metadata(&mut self, json: &str) -> serde_json::Result<()> {
        *self.metadata_mut() = serde_json::from_str(json)?;
        Ok(())
    }
}

impl Object for Handle {
    type Form = Body;

    const KIND: Option<Kind> = None;

    fn read(handle: &Handle) -> serde_json::Result<Self> {
        Ok(handle.clone())
    }
}

impl<T: Whole> Form for T {
    fn body(&self) -> Result<Body, Failure> {
        Body::whole(self)
    }
}

impl Form for Body {
    fn body(&self) -> Result<Body, Failure> {
        Ok(self.clone())
    }
}
