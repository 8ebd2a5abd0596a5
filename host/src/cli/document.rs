//! Objects that are read from a file.

use std::path::Path;

use anyhow::{Context, anyhow, ensure};
use serde_json::Value;
use sluice_core::key::Gvk;
use sluice_core::translate::Metadata;

/// An object, and where it was read.
pub(super) struct Document {
    pub(super) place: String,
    object: Value,
}

impl Document {
    /// Every document of a file that is not empty; `-` is standard input.
    pub(super) fn read(file: &Path) -> anyhow::Result<Vec<Self>> {
        let (name, text) = if file == Path::new("-") {
            ("standard input".to_owned(), std::io::read_to_string(std::io::stdin()))
        } else {
            (file.display().to_string(), std::fs::read_to_string(file))
        };
        let text = text.map_err(|error| anyhow!("{name}: cannot be read: {error}; name a file of YAML or JSON"))?;
        let objects: Vec<Value> = serde_saphyr::from_multiple(&text).map_err(|error| {
            // One line: what follows is an excerpt of the file, which may be a secret.
            let error = error.to_string();
            let why = error.lines().next().unwrap_or_default();
            anyhow!("{name}: not YAML or JSON: {}", why.strip_prefix("error: ").unwrap_or(why))
        })?;
        let many = objects.len() > 1;
        let place = |index| if many { format!("{name}, document {}", index + 1) } else { name.clone() };
        let objects = objects.into_iter().enumerate().filter(|(_, object)| !object.is_null());
        let documents: Vec<_> = objects.map(|(index, object)| Self { place: place(index), object }).collect();
        ensure!(!documents.is_empty(), "{name}: there is no object in it");
        Ok(documents)
    }

    /// Kind and metadata, or which field is missing or wrong.
    pub(super) fn identify(&self) -> anyhow::Result<(Gvk, Metadata)> {
        let object = &self.object;
        let metadata = &object["metadata"];
        let api_version = self.required("apiVersion", &object["apiVersion"])?;
        let gvk = Gvk::from_api_version(api_version, self.required("kind", &object["kind"])?);
        self.required("metadata.name", &metadata["name"])?;
        if !metadata["namespace"].is_null() {
            self.text("metadata.namespace", &metadata["namespace"])?;
        }
        for map in ["labels", "annotations"] {
            for (key, value) in metadata[map].as_object().into_iter().flatten() {
                self.text(&format!("metadata.{map}.{key}"), value)?;
            }
        }
        let metadata: Metadata =
            serde_json::from_value(metadata.clone()).with_context(|| format!("{}: metadata", self.place))?;
        let namespace = metadata.namespace.filter(|namespace| !namespace.is_empty());
        Ok((gvk, Metadata { namespace, ..metadata }))
    }

    fn required<'a>(&self, field: &str, value: &'a Value) -> anyhow::Result<&'a str> {
        let missing = value.is_null() || value == "";
        ensure!(!missing, "{}: {field} is missing; is this an object of Kubernetes?", self.place);
        self.text(field, value)
    }

    /// A field's text. An error does not tell the value, which may be a secret.
    fn text<'a>(&self, field: &str, value: &'a Value) -> anyhow::Result<&'a str> {
        value.as_str().with_context(|| format!("{}: {field} is not a text; put it in quotes", self.place))
    }

    /// The object with other metadata.
    pub(super) fn with_metadata(&self, metadata: &Metadata) -> anyhow::Result<Value> {
        let mut object = self.object.clone();
        object["metadata"] = serde_json::to_value(metadata)?;
        Ok(object)
    }
}
