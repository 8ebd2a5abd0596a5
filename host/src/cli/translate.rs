//! `sluice translate`: the translation of metadata, without a cluster.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::Args;
use serde_json::Value;
use sluice_core::key::Gvk;
use sluice_core::translate::{Metadata, Translator};

use super::Place;
use super::output::{self, Format};

/// Prints the physical object that translation makes of a virtual one, with no cluster at hand.
///
/// The metadata is translated, all else stays as it is. With --physical, what is printed is an update of the object
/// that stands there.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sluice translate -f configmap.yaml --name my-vcluster --namespace vcluster-my
  kubectl get configmap settings -o yaml | sluice translate -f - --name my-vcluster --namespace vcluster-my
  sluice translate -f virtual.yaml --physical physical.yaml --name my-vcluster --namespace vcluster-my -o json")]
pub(super) struct Translate {
    /// The virtual object, YAML or JSON; `-` for standard input; several documents are translated each
    #[arg(short, long, value_name = "FILE")]
    file: PathBuf,
    /// The physical object that stands there, YAML or JSON
    #[arg(long, value_name = "FILE")]
    physical: Option<PathBuf>,
    /// The kind has no namespaces (without this, metadata.namespace is required)
    #[arg(long)]
    cluster_scoped: bool,
    #[command(flatten)]
    place: Place,
    /// How to print it
    #[arg(short, long, value_enum, default_value = "yaml")]
    output: Format,
}

impl Translate {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let translator = self.place.translator()?;
        let virtual_objects = read(&self.file)?;
        let physical = self.physical.as_deref().map(|file| anyhow::Ok((file, read(file)?))).transpose()?;
        let translated = match physical {
            None => virtual_objects.iter().map(|object| self.translate(&translator, object, None)).collect(),
            Some((file, physical)) => match (&virtual_objects[..], &physical[..]) {
                ([object], [standing]) => Ok(vec![self.translate(&translator, object, Some((file, standing)))?]),
                _ => bail!(
                    "--physical goes with one object in each file; there are {} and {}",
                    virtual_objects.len(),
                    physical.len()
                ),
            },
        };
        output::print(&translated?, self.output)
    }

    fn translate(
        &self,
        translator: &Translator,
        object: &Value,
        standing: Option<(&Path, &Value)>,
    ) -> anyhow::Result<Value> {
        let (gvk, metadata) = identify(object).with_context(|| in_file(&self.file))?;
        let (file, name) = (in_file(&self.file), &metadata.name);
        match metadata.namespace {
            None if !self.cluster_scoped => bail!(
                "{file}: {gvk} {name:?} has no metadata.namespace; add it, or say --cluster-scoped if the kind has none"
            ),
            Some(_) if self.cluster_scoped => {
                bail!("{file}: {gvk} {name:?} has a metadata.namespace; leave out --cluster-scoped")
            }
            _ => {}
        }
        let Some((file, standing)) = standing else {
            return with_metadata(object, &translator.metadata_down(&gvk, &metadata, None));
        };
        let (standing_gvk, physical) = identify(standing).with_context(|| in_file(file))?;
        let place = translator.physical_key(&metadata.key());
        ensure!(
            standing_gvk == gvk,
            "{}: it is a {standing_gvk}, the virtual object a {gvk}: these are no pair",
            in_file(file)
        );
        ensure!(
            physical.key() == place,
            "{}: metadata says {}, but the copy of {} stands at {place}: these are no pair",
            in_file(file),
            physical.key(),
            metadata.key()
        );
        with_metadata(standing, &translator.metadata_down(&gvk, &metadata, Some(&physical)))
    }
}

fn with_metadata(object: &Value, metadata: &Metadata) -> anyhow::Result<Value> {
    let mut object = object.clone();
    object["metadata"] = serde_json::to_value(metadata)?;
    Ok(object)
}

/// Every document of a file that is not empty.
fn read(file: &Path) -> anyhow::Result<Vec<Value>> {
    let text = if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("standard input")?;
        text
    } else {
        std::fs::read_to_string(file).with_context(|| in_file(file))?
    };
    let documents: Vec<Value> =
        serde_saphyr::from_multiple(&text).with_context(|| format!("{}: not YAML or JSON", in_file(file)))?;
    let objects: Vec<Value> = documents.into_iter().filter(|document| !document.is_null()).collect();
    ensure!(!objects.is_empty(), "{}: there is no object in it", in_file(file));
    Ok(objects)
}

/// Kind and metadata, or which field is missing.
fn identify(object: &Value) -> anyhow::Result<(Gvk, Metadata)> {
    let text = |field: &str| match object.pointer(field) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.as_str()),
        Some(other) => bail!("field {} is {other}, not a text", field[1..].replace('/', ".")),
        None => bail!("field {} is missing: is this a Kubernetes object?", field[1..].replace('/', ".")),
    };
    let gvk = Gvk::from_api_version(text("/apiVersion")?, text("/kind")?);
    text("/metadata/name")?;
    let metadata = serde_json::from_value(object["metadata"].clone()).context("field metadata")?;
    Ok((gvk, metadata))
}

fn in_file(file: &Path) -> String {
    if file == Path::new("-") { "standard input".into() } else { file.display().to_string() }
}
