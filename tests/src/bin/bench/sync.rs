//! `cargo xtask bench sync`.

use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{DeleteParams, ListParams, PostParams};
use kube::{Api, Client};
use serde_json::json;
use sluice_tests::{Lab, Sluice, plugins_dir};

use crate::latency;
use crate::load::{Sight, Spotter, create, names, update};

/// A burst of ConfigMaps of 1 KB, then updates and deletes of them, then single ones at 50 a second.
#[derive(Args)]
#[command(after_help = "Example:
  cargo xtask bench sync --objects 1000")]
pub(crate) struct Sync {
    /// ConfigMaps in the burst
    #[arg(long, default_value_t = 3000)]
    objects: usize,
    /// ConfigMaps whose time is taken
    #[arg(long, default_value_t = 500)]
    singles: usize,
}

impl Sync {
    pub(crate) async fn run(&self) -> Result<()> {
        let lab = Lab::alone("bench").await?;
        let bench = Bench::new(&lab).await?;
        let Self { objects, singles } = *self;
        println!("\n{objects} ConfigMaps of 1 KB; all figures are of this run, on this machine\n");

        let before = bench.pair_limit("before", objects).await?;
        let floor = bench.bare(singles).await?;

        let plugins = plugins_dir(&["configmaps"])?;
        let mut sluice = Sluice::run(&lab, plugins.path(), "", &["--log-level", "warn"])?;
        bench.ready(&lab).await?;
        let idle = resident(sluice.id())?;

        let copy = |name: &str| format!("{name}-x-bench-x-{}", lab.name);
        let burst = names("burst", objects);
        let copies: Vec<_> = burst.iter().map(|name| copy(name)).collect();
        let created = bench.timed(Sight::There, &copies, create(&bench.virtual_, &burst)).await?;
        let loaded = resident(sluice.id())?;
        let updated = bench.timed(Sight::Updated, &copies, update(&bench.virtual_, &burst)).await?;
        let deleted = bench.timed(Sight::Gone, &copies, bench.delete()).await?;
        let single = latency::measure(&bench.virtual_, &bench.physical, "single", singles, copy).await?;
        sluice.terminate().await?;

        let after = bench.pair_limit("after", objects).await?;
        let limit = (before + after) / 2.0;
        println!("pair limit: plain clients creating in both clusters   {limit:6.0} /s   1.00");
        println!("  before and after                                     {before:.0} and {after:.0} /s");
        for (what, rate) in [("created", created), ("updated", updated), ("deleted", deleted)] {
            println!("sluice: {what} in the virtual and then the physical   {rate:6.0} /s   {:.2}", rate / limit);
        }
        let (p50, floor50) = (single.quantile(0.5), floor.quantile(0.5));
        println!("\nfrom write to copy at 50 /s       p50       p99");
        println!("  a bare watch and create    {floor50:7.1}   {:7.1} ms   1.00", floor.quantile(0.99));
        println!("  sluice                     {p50:7.1}   {:7.1} ms   {:.2}", single.quantile(0.99), p50 / floor50);
        println!("\nresident memory   {idle:.0} MB at the start, {loaded:.0} MB after the burst");
        Ok(())
    }
}

struct Bench {
    virtual_: Api<ConfigMap>,
    physical: Api<ConfigMap>,
    limits: [Api<ConfigMap>; 2],
}

impl Bench {
    /// With a namespace `bench` for the plugin, and one in each cluster for plain clients.
    async fn new(lab: &Lab) -> Result<Self> {
        for (client, name) in [(&lab.virtual_client, "bench"), (&lab.physical_client, "limit")] {
            let namespaces: Api<k8s_openapi::api::core::v1::Namespace> = Api::all(client.clone());
            let namespace = serde_json::from_value(json!({ "metadata": { "name": name } }))?;
            namespaces.create(&PostParams::default(), &namespace).await?;
        }
        let api = |client: &Client, namespace: &str| Api::namespaced(client.clone(), namespace);
        Ok(Self {
            virtual_: api(&lab.virtual_client, "bench"),
            physical: api(&lab.physical_client, &lab.target_namespace),
            limits: [api(&lab.virtual_client, "bench"), api(&lab.physical_client, "limit")],
        })
    }

    /// Objects a second that clients create in both clusters at once.
    async fn pair_limit(&self, prefix: &str, objects: usize) -> Result<f64> {
        let names = names(prefix, objects);
        let begun = Instant::now();
        tokio::try_join!(create(&self.limits[0], &names), create(&self.limits[1], &names))?;
        let rate = objects as f64 / begun.elapsed().as_secs_f64();
        self.clear().await?;
        Ok(rate)
    }

    async fn bare(&self, singles: usize) -> Result<latency::Latency> {
        let bare = latency::bare(self.limits[0].clone(), self.limits[1].clone());
        let measured = latency::measure(&self.limits[0], &self.limits[1], "bare", singles, str::to_owned).await;
        bare.abort();
        self.clear().await?;
        measured
    }

    async fn clear(&self) -> Result<()> {
        for api in &self.limits {
            api.delete_collection(&DeleteParams::default(), &ListParams::default()).await?;
        }
        Ok(())
    }

    /// Waits until a ConfigMap comes through.
    async fn ready(&self, lab: &Lab) -> Result<()> {
        create(&self.virtual_, &names("first", 1)).await?;
        let copy = format!("first-0-x-bench-x-{}", lab.name);
        sluice_tests::eventually("the first copy", async || self.physical.get_opt(&copy).await).await?;
        Ok(())
    }

    async fn delete(&self) -> Result<()> {
        let burst = ListParams::default();
        self.virtual_.delete_collection(&DeleteParams::default(), &burst).await?;
        Ok(())
    }

    /// Objects a second from the first request to the last of these copies that shows it.
    async fn timed(&self, sight: Sight, copies: &[String], load: impl Future<Output = Result<()>>) -> Result<f64> {
        let spotter = Spotter::start(&self.physical, sight).await?;
        let begun = Instant::now();
        load.await?;
        let seen = spotter.all(copies).await?;
        let last = seen.iter().max().context("nothing was to be seen")?;
        Ok(copies.len() as f64 / last.duration_since(begun).as_secs_f64())
    }
}

/// Resident memory of a process, in MB.
fn resident(process: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes * 1024.0 / 1e6)
}
