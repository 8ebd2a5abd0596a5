//! `sluice translate`: what stands below for a virtual object, without a cluster.

mod component;
mod copies;
mod selection;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{bail, ensure};
use clap::Args;
use serde_json::Value;
use sluice_core::key::Gvk;
use sluice_core::translate::{Metadata, Translator};

use super::Place;
use super::document::Document;
use super::output::{self, Format};
use copies::Copies;

/// Prints the physical object that translation makes of a virtual one, with no cluster at hand.
///
/// The metadata is translated, all else stays as it is. With --physical, what is printed is an update of the object
/// that stands there. With --plugin, it is the copy that this plugin makes, as the runtime would create it: what a
/// plugin would look up in the clusters is not there, hooks are not asked, and nothing is written.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sluice translate -f configmap.yaml --name my-vcluster --namespace vcluster-my
  kubectl get configmap settings -o yaml | sluice translate -f - --name my-vcluster --namespace vcluster-my
  sluice translate -f virtual.yaml --physical physical.yaml --name my-vcluster --namespace vcluster-my -o json
  sluice translate --plugin configmaps.wasm -f configmap.yaml --name my-vcluster --namespace vcluster-my")]
pub(super) struct Translate {
    /// The virtual object, YAML or JSON; `-` for standard input; several documents are translated each
    #[arg(short, long, value_name = "FILE")]
    file: PathBuf,
    /// The physical object that stands there, YAML or JSON
    #[arg(long, value_name = "FILE")]
    physical: Option<PathBuf>,
    /// The component of the plugin that makes the copy
    #[arg(long, value_name = "FILE.wasm", conflicts_with = "physical")]
    plugin: Option<PathBuf>,
    /// What is said to the plugin, under its file's name: its config and limits
    #[arg(long, value_name = "FILE", requires = "plugin")]
    config: Option<PathBuf>,
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
        let virtual_objects = Document::read(&self.file)?;
        let physical = self.physical.as_deref().map(Document::read).transpose()?;
        let translated: anyhow::Result<Vec<_>> = match (&self.plugin, physical) {
            (Some(plugin), _) => {
                let plugin = component::load(plugin, self.config.as_deref(), Arc::new(translator))?;
                let copies = Copies::by(plugin);
                let copy =
                    |object| self.identify(object).and_then(|(gvk, metadata)| copies.of(object, &gvk, &metadata));
                virtual_objects.iter().map(copy).collect()
            }
            (None, None) => virtual_objects.iter().map(|object| self.translate(&translator, object, None)).collect(),
            (None, Some(physical)) => match (&virtual_objects[..], &physical[..]) {
                ([object], [standing]) => Ok(vec![self.translate(&translator, object, Some(standing))?]),
                _ => bail!(
                    "--physical goes with one object in each file; there are {} and {}",
                    virtual_objects.len(),
                    physical.len()
                ),
            },
        };
        output::print(&translated?, self.output)
    }

    /// Kind and metadata of a virtual object, which has a namespace if its kind has.
    fn identify(&self, object: &Document) -> anyhow::Result<(Gvk, Metadata)> {
        let (gvk, metadata) = object.identify()?;
        let (place, name) = (&object.place, &metadata.name);
        match metadata.namespace {
            None if !self.cluster_scoped => bail!(
                "{place}: {gvk} {name:?} has no metadata.namespace; \
                 add it, or say --cluster-scoped if the kind has none"
            ),
            Some(_) if self.cluster_scoped => {
                bail!("{place}: {gvk} {name:?} has a metadata.namespace; leave out --cluster-scoped")
            }
            _ => Ok((gvk, metadata)),
        }
    }

    fn translate(
        &self,
        translator: &Translator,
        object: &Document,
        standing: Option<&Document>,
    ) -> anyhow::Result<Value> {
        let (gvk, metadata) = self.identify(object)?;
        let Some(standing) = standing else {
            return object.with_metadata(&translator.metadata_down(&gvk, &metadata, None));
        };
        let (standing_gvk, physical) = standing.identify()?;
        let (place, copy) = (&standing.place, translator.physical_key(&metadata.key()));
        ensure!(standing_gvk == gvk, "{place}: it is a {standing_gvk}, the virtual object a {gvk}: these are no pair");
        ensure!(
            physical.key() == copy,
            "{place}: metadata says {}, but the copy of {} stands at {copy}: these are no pair",
            physical.key(),
            metadata.key()
        );
        standing.with_metadata(&translator.metadata_down(&gvk, &metadata, Some(&physical)))
    }
}
