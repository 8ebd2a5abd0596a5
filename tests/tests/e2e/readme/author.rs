//! Somebody who does what the tutorial says.

use super::image::Images;
use super::step::Step;
use super::vcluster::VCluster;
use super::{root, run, shell};
use crate::support::create_namespace;
use anyhow::{Context, Result, bail, ensure};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{Api, Client, api::PostParams};
use serde_json::json;
use sluice_tests::{Lab, artifacts, eventually, folder::Folder, process::Process};
use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

/// The namespace that the tutorial names.
const NAMESPACE: &str = "vcluster-my";

pub(super) struct Author {
    lab: Lab,
    /// Where they are.
    at: PathBuf,
    /// `sluice run`, and its log.
    running: Option<(Process, PathBuf)>,
    images: Images,
    /// Whether the plugin worked in a vCluster.
    pub(super) deployed: bool,
    _folder: Folder,
}

impl Author {
    /// In an empty folder, beside this repository.
    pub(super) fn new(lab: Lab) -> Result<Self> {
        let folder = Folder::new("sluice-author-")?;
        symlink(root().canonicalize()?, folder.path().join("sluice"))?;
        let (at, images) = (folder.path().to_owned(), Images::new(&folder.path().join("images"))?);
        Ok(Self { lab, at, running: None, images, deployed: false, _folder: folder })
    }

    pub(super) async fn take(&mut self, step: &Step) -> Result<()> {
        match step {
            Step::Write { file, text } => self.write(file, text),
            Step::Run(command) => self.run(command).await,
        }
    }

    fn write(&self, file: &str, text: &str) -> Result<()> {
        let (file, anew) = match file {
            // What the tutorial adds to what is there.
            "Cargo.toml" => ("Cargo.toml", false),
            _ if file.starts_with("from ") => {
                let library = fs::read_to_string(self.at.join("src/lib.rs"))?;
                // What cargo puts there at first.
                ("src/lib.rs", library.contains("it_works"))
            }
            _ => (file, true),
        };
        let mut file =
            File::options().create(true).write(true).truncate(anew).append(!anew).open(self.at.join(file))?;
        Ok(write!(file, "\n{text}")?)
    }

    async fn run(&mut self, command: &str) -> Result<()> {
        let words: Vec<&str> = command.split(' ').collect();
        match words[..] {
            ["cd", folder] => self.at.push(folder),
            ["cargo", "new", .., name] => {
                self.cargo(command)?;
                self.provide(&self.at.join(name))?;
            }
            ["cargo", "build", ..] if self.running.is_some() => self.change(command).await?,
            ["cargo", ..] => self.cargo(command)?,
            ["sluice", "run", ..] => self.launch(command).await?,
            ["docker", ..] => {
                self.stop().await?;
                self.images.docker(&words, &self.at)?;
            }
            ["vcluster", "create", name, "-n", namespace, "-f", file] => {
                let mut vcluster =
                    VCluster::create(&self.lab, &self.images, name, namespace, &self.at.join(file)).await?;
                self.sees_a_copy("deployed").await.with_context(|| vcluster.logs())?;
                vcluster.end().await?;
                self.deployed = true;
            }
            ["sluice", ..] => run(command, &self.at)?,
            _ => bail!("say in `Author::run` how to run this"),
        }
        Ok(())
    }

    /// With the versions of this repository, so that there is nothing to download, and with what was compiled before.
    fn provide(&self, package: &Path) -> Result<()> {
        fs::copy(root().join("Cargo.lock"), package.join("Cargo.lock"))?;
        let target = artifacts::compiled()?.with_file_name("readme");
        fs::create_dir_all(&target)?;
        Ok(symlink(target, package.join("target"))?)
    }

    fn cargo(&self, command: &str) -> Result<()> {
        // Cargo tells whom it starts about the package that they are of.
        run(&format!("unset CARGO_TARGET_DIR CARGO_MANIFEST_DIR; CARGO_NET_OFFLINE=true {command}"), &self.at)
    }

    async fn launch(&mut self, command: &str) -> Result<()> {
        create_namespace(&self.lab.physical_client, NAMESPACE).await?;
        for (name, plane) in [("virtual.yaml", &self.lab.virtual_plane), ("physical.yaml", &self.lab.physical_plane)] {
            fs::copy(plane.kubeconfig("sluice"), self.at.join(name))?;
        }
        let log = self.at.join("log");
        let mut shell = shell(&format!("exec {command}"), &self.at)?;
        let process = Process::start(shell.stderr(File::create(&log)?))?;
        self.running = Some((process, log));
        self.says("started").await?;
        self.sees_a_copy("beside").await
    }

    /// Changes the plugin while it runs.
    async fn change(&mut self, build: &str) -> Result<()> {
        let library = self.at.join("src/lib.rs");
        let text = fs::read_to_string(&library)?;
        let changed = text.replace("to.immutable = from.immutable;", "to.immutable = None;");
        ensure!(text != changed, "the tutorial's code has nothing that is changed here");
        fs::write(library, changed)?;
        self.cargo(build)?;
        self.says("swapped").await?;
        self.sees_a_copy("swapped").await
    }

    /// What `sluice run` logs.
    async fn says(&self, words: &str) -> Result<()> {
        let (_, log) = self.running.as_ref().context("it does not run")?;
        let log = || fs::read_to_string(log).unwrap_or_default();
        let said = eventually(&format!("it says {words:?}"), async || log().contains(words)).await;
        said.with_context(log)
    }

    async fn stop(&mut self) -> Result<()> {
        let Some((mut process, log)) = self.running.take() else { return Ok(()) };
        ensure!(process.terminate().await?.success(), "it did not end well:\n{}", fs::read_to_string(log)?);
        Ok(())
    }

    /// A virtual ConfigMap gets its copy.
    async fn sees_a_copy(&self, name: &str) -> Result<()> {
        let maps = |client: &Client, namespace: &str| Api::<ConfigMap>::namespaced(client.clone(), namespace);
        let object = serde_json::from_value(json!({ "metadata": { "name": name }, "data": { "colour": "blue" } }))?;
        maps(&self.lab.virtual_client, "default").create(&PostParams::default(), &object).await?;
        let copies = maps(&self.lab.physical_client, NAMESPACE);
        let copy = format!("{name}-x-default-x-my-vcluster");
        eventually(&format!("{copy} is there"), async || copies.get(&copy).await.map(drop)).await
    }
}
