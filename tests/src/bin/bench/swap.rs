//! `cargo xtask bench swap`.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use kube::Api;
use kube::api::{DeleteParams, ListParams, PostParams};
use serde_json::{Value, json};
use sluice_tests::folder::Folder;
use sluice_tests::{Lab, Sluice, artifacts, eventually, plugins_dir};

use crate::latency::Latency;
use crate::load::{Sight, Spotter, are_gone, config_map};

/// What is swapped.
const FILE: &str = "configmaps.wasm";
/// How long an author is to wait, in milliseconds.
const GOAL: f64 = 2_000.0;
/// Between two ConfigMaps that are created meanwhile. One of them is what the new version writes first.
const PACE: Duration = Duration::from_millis(20);

/// From another version of the tutorial's plugin being in its folder to its first write, seen in the physical cluster.
///
/// Each version is other bytes that do the same, and is compiled anew. Half of them are renamed to their place, half
/// written over what is there. Beside each stands what compiling such a component takes by itself.
#[derive(Args)]
#[command(after_help = "Example:
  cargo xtask bench swap --swaps 20")]
pub(crate) struct Swap {
    /// How often another version is put there
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(2..))]
    swaps: u32,
}

impl Swap {
    pub(crate) async fn run(&self) -> Result<()> {
        let lab = Lab::alone("bench").await?;
        let namespaces: Api<Namespace> = Api::all(lab.virtual_client.clone());
        let namespace = serde_json::from_value(json!({ "metadata": { "name": "bench" } }))?;
        namespaces.create(&PostParams::default(), &namespace).await?;
        let plugins = plugins_dir(&["configmaps"])?;
        // One of its own, so that what it compiled in another run is not there.
        let compiled = Folder::new("sluice-compiled-")?;
        fs::set_permissions(compiled.path(), Permissions::from_mode(0o700))?;
        let args = ["--compiled", &compiled.path().to_string_lossy()];
        let mut sluice = Sluice::run(&lab, plugins.path(), "", &args)?;
        sluice.wait_for_line(r#""message":"started""#).await?;
        let original = fs::read(plugins.path().join(FILE))?;
        let Self { swaps } = *self;
        let size = original.len().div_ceil(1000);
        println!("\n{swaps} swaps of {FILE} ({size} KB); all figures are of this run, on this machine\n");

        let author = Author { lab: &lab, sluice: &sluice, plugins: plugins.path(), original };
        let (mut alone, mut renamed, mut over) = (vec![], vec![], vec![]);
        for swap in 0..swaps {
            alone.push(author.compile_alone(swap)?);
            let way = if swap % 2 == 0 { Way::Rename } else { Way::Over };
            let took = author.swap(swap, way).await?;
            match way {
                Way::Rename => renamed.push(took),
                Way::Over => over.push(took),
            }
        }
        sluice.terminate().await?;

        let all: Latency = renamed.iter().chain(&over).copied().collect();
        let (alone, renamed, over) = (Latency::from_iter(alone), Latency::from_iter(renamed), Latency::from_iter(over));
        println!("                                             p50     worst        p50  worst");
        for (what, time) in [
            ("compiling it alone, `plugin inspect`", &alone),
            ("from the file to the first write", &all),
            ("  renamed to its place", &renamed),
            ("  written over what is there", &over),
        ] {
            let [p50, worst] = [0.5, 1.0].map(|quantile| time.quantile(quantile));
            let [than50, than_worst] = [p50 / alone.quantile(0.5), worst / alone.quantile(1.0)];
            println!("{what:38}   {p50:7.0}   {worst:7.0} ms   {than50:6.2} {than_worst:6.2}");
        }
        let met = if all.quantile(1.0) < GOAL { "yes" } else { "no" };
        println!("\nall within {:.0} s: {met}", GOAL / 1e3);
        Ok(())
    }
}

/// How a file comes to its place.
#[derive(Clone, Copy)]
enum Way {
    Rename,
    Over,
}

/// Somebody who changes a plugin that runs.
struct Author<'a> {
    lab: &'a Lab,
    sluice: &'a Sluice,
    plugins: &'a Path,
    original: Vec<u8>,
}

impl Author<'_> {
    /// The same plugin with one custom section more, which says nothing but this number.
    fn version(&self, number: u32) -> Vec<u8> {
        let [a, b, c, d] = number.to_le_bytes();
        [&self.original[..], &[0, 6, 1, b'x', a, b, c, d]].concat()
    }

    /// How long it takes to compile a version of it, and to ask it what it registers.
    fn compile_alone(&self, swap: u32) -> Result<Duration> {
        let folder = Folder::new("sluice-alone-")?;
        let file = folder.path().join(FILE);
        // None that is swapped, though nothing is kept of what `inspect` compiles.
        fs::write(&file, self.version(u32::MAX - swap))?;
        let mut inspect = Command::new(artifacts::sluice()?);
        inspect.args(["plugin", "inspect"]).arg(&file).env_remove("SLUICE_COMPILED").stdout(Stdio::null());
        let begun = Instant::now();
        let status = inspect.status()?;
        let took = begun.elapsed();
        ensure!(status.success(), "`sluice plugin inspect` ended with {status}");
        Ok(took)
    }

    /// Puts another version there while users go on, and waits for its first write.
    async fn swap(&self, swap: u32, way: Way) -> Result<Duration> {
        let above: Api<ConfigMap> = Api::namespaced(self.lab.virtual_client.clone(), "bench");
        let below: Api<ConfigMap> = Api::namespaced(self.lab.physical_client.clone(), &self.lab.target_namespace);
        let spotter = Spotter::start(&below, Sight::There).await?;
        self.put(&self.version(swap), way)?;
        let begun = Instant::now();
        let done = AtomicBool::new(false);
        let first = async {
            let first = self.first_write(swap as usize).await;
            done.store(true, Ordering::Relaxed);
            first
        };
        let ((), first) = tokio::try_join!(users(&above, swap, &done), first)?;
        let seen = spotter.all(&[first]).await?;
        above.delete_collection(&DeleteParams::default(), &ListParams::default()).await?;
        are_gone(&below).await?;
        Ok(seen[0].duration_since(begun))
    }

    fn put(&self, bytes: &[u8], way: Way) -> Result<()> {
        let (place, partial) = (self.plugins.join(FILE), self.plugins.join(format!(".{FILE}")));
        match way {
            Way::Rename => fs::write(&partial, bytes).and_then(|()| fs::rename(partial, place)),
            Way::Over => fs::write(place, bytes),
        }
        .context("cannot put the plugin in its folder")
    }

    /// The copy that this version made first. The former one has done its last by the time that it is said to be swapped,
    /// so the log tells whose a write is; when it was seen, the watch tells.
    async fn first_write(&self, swap: usize) -> Result<String> {
        let what = format!("version {swap} makes a copy");
        eventually(&what, async || {
            let lines: Vec<Value> =
                self.sluice.stderr.all().iter().flat_map(|line| serde_json::from_str(line)).collect();
            let begins = lines.iter().enumerate().filter(|(_, line)| line["message"] == "swapped").nth(swap)?.0;
            let created = |line: &&Value| line["message"] == "wrote" && line["verb"] == "create";
            let object = lines[begins..].iter().find(created)?["object"].as_str()?;
            Some(object.rsplit_once('/')?.1.to_owned())
        })
        .await
    }
}

/// Users who do not wait: one ConfigMap after the other until it is done.
async fn users(above: &Api<ConfigMap>, swap: u32, done: &AtomicBool) -> Result<()> {
    let mut tick = tokio::time::interval(PACE);
    let mut at = 0;
    while !done.load(Ordering::Relaxed) {
        tick.tick().await;
        above.create(&PostParams::default(), &config_map(&format!("swap-{swap}-{at}"))).await?;
        at += 1;
    }
    Ok(())
}
