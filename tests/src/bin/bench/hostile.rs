//! `cargo xtask bench hostile`.

use anyhow::Result;
use clap::Args;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Secret, ServiceAccount};
use kube::Api;
use kube::api::{DeleteParams, ListParams, PostParams};
use serde_json::json;
use sluice_tests::{Lab, Sluice, eventually, plugins_dir};

use crate::latency::{self, Latency};
use crate::load::{are_gone, config_map, names};

/// Those that are a burden on others if anything is.
const HOSTILE: [&str; 6] = ["spin", "memory", "flood", "trap", "restless", "many"];

/// What is told of each.
const QUANTILES: [f64; 2] = [0.5, 0.99];

/// From write to copy for ConfigMaps of 1 KB at 50 a second, alone and beside a hostile plugin with Secrets of its own.
#[derive(Args)]
#[command(after_help = "Example:
  cargo xtask bench hostile --singles 200")]
pub(crate) struct Hostile {
    /// ConfigMaps whose time is taken
    #[arg(long, default_value_t = 200)]
    singles: usize,
    /// Secrets for the hostile plugin to chew on
    #[arg(long, default_value_t = 50)]
    secrets: usize,
}

impl Hostile {
    pub(crate) async fn run(&self) -> Result<()> {
        let lab = Lab::alone("bench").await?;
        let namespaces: Api<Namespace> = Api::all(lab.virtual_client.clone());
        let namespace = serde_json::from_value(json!({ "metadata": { "name": "bench" } }))?;
        namespaces.create(&PostParams::default(), &namespace).await?;
        let Self { singles, secrets } = *self;
        println!("\n{singles} ConfigMaps, {secrets} Secrets; all figures are of this run, on this machine\n");
        println!("from write to copy at 50 /s       p50       p99          p50    p99");

        // The first one warms up the API servers. What else the machine does shows in how far the other two are apart.
        self.beside(&lab, None).await?;
        let before = self.beside(&lab, None).await?;
        let mut beside = vec![];
        for hostile in HOSTILE {
            beside.push((format!("beside {hostile}"), self.beside(&lab, Some(hostile)).await?));
        }
        let after = self.beside(&lab, None).await?;
        let alone = QUANTILES.map(|quantile| (before.quantile(quantile) + after.quantile(quantile)) / 2.0);
        tell("alone, before", &before, alone);
        for (what, time) in &beside {
            tell(what, time, alone);
        }
        tell("alone, after", &after, alone);
        Ok(())
    }

    /// How long the neighbour takes, while this plugin has its Secrets.
    async fn beside(&self, lab: &Lab, hostile: Option<&str>) -> Result<Latency> {
        let above: Api<ConfigMap> = Api::namespaced(lab.virtual_client.clone(), "bench");
        let below: Api<ConfigMap> = Api::namespaced(lab.physical_client.clone(), &lab.target_namespace);
        let secrets: Api<Secret> = Api::namespaced(lab.virtual_client.clone(), "bench");
        // For the one whose words would be withheld if it were shown a Secret.
        let accounts: Api<ServiceAccount> = Api::namespaced(lab.virtual_client.clone(), "bench");
        for name in names("secret", self.secrets) {
            let secret = serde_json::from_value(json!({ "metadata": { "name": name }, "stringData": { "a": "b" } }))?;
            secrets.create(&PostParams::default(), &secret).await?;
            let account = serde_json::from_value(json!({ "metadata": { "name": name } }))?;
            accounts.create(&PostParams::default(), &account).await?;
        }
        let hostile = hostile.map(|name| format!("hostile-{name}"));
        let plugins = plugins_dir(&["configmaps"].into_iter().chain(hostile.as_deref()).collect::<Vec<_>>())?;
        let mut sluice = Sluice::run(lab, plugins.path(), "", &["--log-level", "warn"])?;
        above.create(&PostParams::default(), &config_map("first")).await?;
        let copy = |name: &str| format!("{name}-x-bench-x-{}", lab.name);
        eventually("the first copy", async || below.get_opt(&copy("first")).await).await?;

        let measured = latency::measure(&above, &below, "single", self.singles, copy).await;
        above.delete_collection(&DeleteParams::default(), &ListParams::default()).await?;
        secrets.delete_collection(&DeleteParams::default(), &ListParams::default()).await?;
        accounts.delete_collection(&DeleteParams::default(), &ListParams::default()).await?;
        are_gone(&below).await?;
        sluice.terminate().await?;
        measured
    }
}

fn tell(what: &str, time: &Latency, alone: [f64; 2]) {
    let [p50, p99] = QUANTILES.map(|quantile| time.quantile(quantile));
    println!("  {what:22}   {p50:8.1}  {p99:8.1} ms   {:6.2} {:6.2}", p50 / alone[0], p99 / alone[1]);
}
