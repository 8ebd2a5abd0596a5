//! Several plugins in one runtime: who keeps what, and what becomes of it when that changes.

mod hands;
mod retired;

use crate::shared_config::SHARED;
use crate::support::{Stage, blue, create_namespace, refusal::refusal, things::Kind};
use anyhow::Result;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;
use serde_json::{Value, json};
use sluice_tests::{Lab, artifacts, eventually};
use std::fs;

/// Shared ConfigMaps are the one's, all others the other's.
const BY_LABEL: &str = "
plugins:
  configmaps:
    config: { labels: '!sluice.example.com/shared' }
  shared-config:
    grants: [{ side: virtual, kind: ConfigMap, verbs: [update] }]
";

impl Stage {
    /// Puts a plugin into the folder, in the place of what is there under this name.
    fn install(&self, plugin: &str, name: &str) -> Result<()> {
        let wasm = artifacts::guests()?.join(format!("{}.wasm", plugin.replace('-', "_")));
        fs::copy(wasm, self.plugin_folder().join(format!("{name}.wasm")))?;
        Ok(())
    }

    fn uninstall(&self, name: &str) -> Result<()> {
        Ok(fs::remove_file(self.plugin_folder().join(format!("{name}.wasm")))?)
    }

    /// Waits until the copy is as it should be, and this syncer's. Returns it.
    async fn copied_by(&self, syncer: &str, object: &ConfigMap) -> Result<ConfigMap> {
        let mut expected = self.expected(object);
        expected["metadata"]["annotations"]["vcluster.loft.sh/object-syncer"] = json!(syncer);
        self.stands(&expected).await
    }
}

fn shared(name: &str) -> Value {
    json!({ "metadata": { "name": name, "labels": { SHARED: "true" } }, "data": { "colour": "blue" } })
}

#[tokio::test]
async fn api_two_plugins_share_a_kind_by_a_label() -> Result<()> {
    let lab = Lab::take("by_label").await?;
    let stage = Stage::with_plugins(lab, &["configmaps", "shared-config"], BY_LABEL)?;
    let _sluice = stage.start().await?;
    let (plain, copy) = stage.pair(blue("plain")).await?;
    let object = stage.create(shared("shared")).await?;
    let shared = stage.copied_by("shared-config/shared-config", &object).await?;

    let red = json!({ "data": { "colour": "red" } });
    stage.drift(&shared.name_any(), red.clone()).await?;
    stage.drift(&copy.name_any(), red).await?;
    let red = |object: &ConfigMap| object.data.as_ref().is_some_and(|data| data["colour"] == "red");
    let up = async || stage.virtual_maps("default").get("shared").await.map(|object| red(&object));
    eventually("the change comes up", up).await?;
    stage.copied(&plain).await?;
    for (object, copy) in [(&plain, &copy), (&object, &shared)] {
        stage.delete(object).await?;
        stage.gone(&copy.name_any()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn api_two_plugins_share_a_kind_by_namespaces() -> Result<()> {
    let config = |two: &str| {
        format!(
            "plugins: {{ configmaps: {{ config: {{ namespaces: [default] }} }}, two: {{ config: {{ namespaces: [{two}] }} }} }}"
        )
    };
    let stage = Stage::with_plugins(Lab::take("by_namespace").await?, &["configmaps"], &config("shop"))?;
    stage.install("configmaps", "two")?;
    for namespace in ["shop", "market"] {
        create_namespace(&stage.lab.virtual_client, namespace).await?;
    }
    let mut sluice = stage.start().await?;
    let in_namespace = |namespace: &str| json!({ "metadata": { "name": "a", "namespace": namespace } });
    let market = stage.create(in_namespace("market")).await?;
    let shop = stage.create(in_namespace("shop")).await?;
    let (default, _) = stage.pair(in_namespace("default")).await?;
    let copy = stage.copied_by("two/configmaps", &shop).await?;
    stage.absent(&stage.copy_name(&market)).await?;

    // What is no longer among its namespaces has no copy any more.
    sluice.terminate().await?;
    stage.configure(&config("market"))?;
    let _sluice = stage.start().await?;
    stage.gone(&copy.name_any()).await?;
    stage.copied_by("two/configmaps", &market).await?;
    stage.copied(&default).await?;
    Ok(())
}

#[tokio::test]
async fn api_plugins_that_may_select_the_same_do_not_start() -> Result<()> {
    let lab = Lab::take("same").await?;
    let granted = crate::shared_config::GRANTED;
    let stage = Stage::with_plugins(lab, &["configmaps", "shared-config"], granted)?;
    let message = "plugins \"configmaps/configmaps\" and \"shared-config/shared-config\" may both select the same \
                   v1 ConfigMap; let them take different namespaces, or different values of one label, \
                   or they would write over each other";
    assert_eq!(refusal(&stage).await?, message);
    Ok(())
}

#[tokio::test]
async fn api_many_plugins_and_a_broken_one_work_in_one_runtime() -> Result<()> {
    const CLUSTER_ROLES: Kind = Kind("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles");
    const NETWORK_POLICIES: Kind = Kind("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies");
    const SECRETS: Kind = Kind("v1", "Secret", "secrets");
    let plugins =
        ["configmaps", "shared-config", "cluster-roles", "network-policies", "storage-classes", "hostile-trap"];
    let stage = Stage::with_plugins(Lab::take("many").await?, &plugins, BY_LABEL)?;
    let mut sluice = stage.start().await?;
    let secret = stage.above(SECRETS, "default").put(json!({ "metadata": { "name": "bait" } })).await?;
    stage.told_that(&secret, "plugin hostile-trap failed").await?;

    let object = stage.create(shared("shared")).await?;
    stage.pair(blue("plain")).await?;
    stage.copied_by("shared-config/shared-config", &object).await?;
    stage.above(CLUSTER_ROLES, "").put(json!({ "metadata": { "name": "a" } })).await?;
    let role = format!("vcluster-a-x-{}-x-my-vcluster", stage.lab.target_namespace);
    stage.below_in(CLUSTER_ROLES, "").appears(&role).await?;
    let policy = json!({ "metadata": { "name": "a" }, "spec": { "podSelector": {} } });
    stage.above(NETWORK_POLICIES, "default").put(policy).await?;
    stage.below(NETWORK_POLICIES).appears("a-x-default-x-my-vcluster").await?;
    assert_eq!(sluice.ended()?, None);
    Ok(())
}
