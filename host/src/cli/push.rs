//! `sluice plugin push`: a plugin from a file into a registry.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use sluice_loader::Reference;
use sluice_loader::registry::Component as Pushed;
use sluice_sandbox::{Component, Sandbox};

use super::pull::{Reach, pinned, wait};
use super::{COMPILER, output};

/// Pushes a plugin into a registry, in the layout that the CNCF has for WebAssembly.
///
/// Prints what pins it in the file that `sluice run --config` names: the image, with the digest of its manifest, and the
/// digest of the component. Both are the same whenever and wherever the same plugin is pushed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sluice plugin push cars.wasm registry.example.com/plugins/cars:1
  sluice plugin push cars.wasm registry.example.com/plugins/cars:1 --auth-file ~/.docker/config.json
  sluice plugin push cars.wasm localhost:5000/cars:dev --insecure localhost:5000")]
pub(super) struct Push {
    /// The component
    #[arg(value_name = "FILE.wasm")]
    file: PathBuf,
    /// The image, with its registry and a tag
    #[arg(value_name = "IMAGE")]
    image: Reference,
    #[command(flatten)]
    by: Reach,
}

impl Push {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let file = || self.file.display().to_string();
        let bytes = super::wasm::read(&self.file)?;
        let registry = self.by.registry()?;
        let Component { exports, imports, .. } =
            &Component::new(&Sandbox::new(COMPILER)?, &bytes).with_context(file)?;
        let pushed = Pushed { bytes: &bytes, exports, imports };
        let digest = wait(registry.push(&self.image, pushed))??;
        output::say(&pinned(&Reference { digest: Some(digest), ..self.image.clone() }, &bytes));
        Ok(())
    }
}
