//! Images, as folders of what is in them.

use anyhow::{Context, Result, bail, ensure};
use sluice_tests::artifacts;
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

/// Those that were built, by their names.
pub(super) struct Images {
    folder: PathBuf,
    /// And whether one was pushed.
    built: BTreeMap<String, (PathBuf, bool)>,
}

impl Images {
    pub(super) fn new(folder: &Path) -> Result<Self> {
        fs::create_dir(folder)?;
        Ok(Self { folder: folder.into(), built: BTreeMap::new() })
    }

    /// What a command of Docker's does, of those that the tutorial has.
    pub(super) fn docker(&mut self, words: &[&str], at: &Path) -> Result<()> {
        match *words {
            // What the Dockerfile there makes is looked at by the tests of `deploy`.
            ["docker", "build", "-t", name, repository] => {
                ensure!(at.join(repository).join("Dockerfile").is_file(), "no Dockerfile in {repository}");
                let image = self.add(name)?;
                fs::create_dir_all(image.join("plugin/plugins"))?;
                symlink(artifacts::sluice()?, image.join("plugin/plugin"))?;
            }
            ["docker", "build", "-t", name, "-f", file, folder] => {
                self.build(name, &fs::read_to_string(at.join(file))?, &at.join(folder))?;
            }
            ["docker", "push", name] => self.built.get_mut(name).context("it is not built")?.1 = true,
            _ => bail!("say in `Images::docker` how to run this"),
        }
        Ok(())
    }

    /// What vCluster copies out of an image that was pushed.
    pub(super) fn plugin(&self, name: &str) -> Result<PathBuf> {
        let (image, pushed) = self.built.get(name).with_context(|| format!("nobody built {name}"))?;
        ensure!(*pushed, "nobody pushed {name}");
        Ok(image.join("plugin"))
    }

    fn add(&mut self, name: &str) -> Result<PathBuf> {
        let image = self.folder.join(self.built.len().to_string());
        self.built.insert(name.into(), (image.clone(), false));
        Ok(image)
    }

    fn build(&mut self, name: &str, dockerfile: &str, context: &Path) -> Result<()> {
        let mut image = None;
        for line in dockerfile.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let words: Vec<&str> = line.split(' ').collect();
            match (&words[..], &image) {
                (["FROM", base], None) => {
                    let base = self.built.get(*base).with_context(|| format!("nobody built {base}"))?.0.clone();
                    let to = self.add(name)?;
                    fs::create_dir_all(to.join("plugin/plugins"))?;
                    symlink(fs::read_link(base.join("plugin/plugin"))?, to.join("plugin/plugin"))?;
                    image = Some(to);
                }
                (["COPY", "--chmod=0644", "*.wasm", to], Some(image)) => {
                    let to = image.join(to.trim_start_matches('/'));
                    for file in fs::read_dir(context)? {
                        let file = file?.path();
                        if file.extension().is_some_and(|extension| extension == "wasm") {
                            fs::copy(&file, to.join(file.file_name().unwrap_or_default()))?;
                        }
                    }
                }
                _ => bail!("say in `Images::build` what this line does: {line}"),
            }
        }
        Ok(())
    }
}
