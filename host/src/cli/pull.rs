//! `sluice plugin pull`: a plugin from a registry into a file.

use std::fs;
use std::future::Future;
use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;
use sha2::{Digest, Sha256};
use sluice_loader::registry::Pulled;
use sluice_loader::{Access, Reference, Registry};

use super::output;

/// Pulls a plugin from a registry, and checks its digests.
///
/// Prints what pins it in the file that `sluice run --config` names: the image, with the digest of its manifest, and the
/// digest of the component.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sluice plugin pull registry.example.com/plugins/cars:1
  sluice plugin pull registry.example.com/plugins/cars@sha256:7f1d… -o plugins/cars.wasm
  sluice plugin pull registry.example.com/plugins/cars:1 --auth-file ~/.docker/config.json --ca ca.pem")]
pub(super) struct Pull {
    /// The image, with its registry and a tag or a digest
    #[arg(value_name = "IMAGE")]
    image: Reference,
    /// Where it goes, instead of the last part of its name with .wasm
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    by: Reach,
}

/// How registries are reached.
#[derive(Debug, Args)]
pub(super) struct Reach {
    /// Credentials: Docker's config.json, or what a pull secret holds. Credential helpers are not run
    #[arg(long, value_name = "FILE")]
    auth_file: Option<PathBuf>,
    /// Certificates in PEM that are trusted besides the system's
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// A registry that is spoken to without TLS, as the image names it
    #[arg(long, value_name = "HOST:PORT")]
    insecure: Vec<String>,
    /// The file that `sluice run` is given: its `registries` are reached as it says, mirrors and signatures included
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Reach {
    pub(super) fn registry(&self) -> anyhow::Result<Registry> {
        let mut by = super::config::read(self.config.as_deref())?.registries;
        by.insecure.extend(self.insecure.iter().cloned());
        by.auth_file = self.auth_file.clone().or(by.auth_file);
        by.ca = self.ca.clone().or(by.ca);
        Ok(Registry::new(Access::open(&by)?)?)
    }
}

/// Waits for it. There is nothing else to do meanwhile.
pub(super) fn wait<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work))
}

/// The lines that pin a plugin in the config. `image`: with the digest of its manifest.
pub(super) fn pinned(image: &Reference, bytes: &[u8]) -> String {
    format!("image: {image}\ndigest: sha256:{:x}\n", Sha256::digest(bytes))
}

impl Pull {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let Pulled { image, bytes, .. } = wait(self.by.registry()?.fetch(&self.image))??;
        let name = image.repository.rsplit('/').next().unwrap_or_default();
        let file = self.output.clone().unwrap_or_else(|| format!("{name}.wasm").into());
        // Under another name first: whoever watches the folder finds no half a plugin.
        let unfinished = file.with_extension("wasm.new");
        let written = fs::write(&unfinished, &bytes).and_then(|()| fs::rename(&unfinished, &file));
        written.map_err(|error| anyhow!("{}: cannot be written: {error}", file.display()))?;
        output::say(&pinned(&image, &bytes));
        Ok(())
    }
}
