//! What the tests of the ConfigMap plugin have in common.
//!
//! A [`Stage`] is where they act as a user on both sides; `standing` waits for what should stand in the physical
//! cluster then, and `records` reads what was asked of the API servers and what the runtime says.

pub(crate) mod collector;
pub(crate) mod port;
mod records;
pub(crate) mod refusal;
mod standing;
pub(crate) mod things;
mod told;

pub(crate) use records::{STARTED, calls, log, started, stop, writes};
pub(crate) use standing::content;

use anyhow::Result;
use k8s_openapi::api::{
    coordination::v1::Lease,
    core::v1::{ConfigMap, Namespace},
};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};
use sluice_tests::{Lab, Sluice, folder::Folder, plugins_dir};
use std::path::{Path, PathBuf};

/// A lab with the ConfigMap plugin, and what a user does there.
///
/// The virtual cluster is called `my-vcluster`, unless a test renames its lab: each has its own target namespace.
pub(crate) struct Stage {
    pub(crate) lab: Lab,
    plugins: Folder,
    /// What `--config` names.
    config: Folder,
}

impl Stage {
    pub(crate) async fn take(test_name: &str) -> Result<Self> {
        Self::of(Lab::take(test_name).await?)
    }

    pub(crate) fn of(lab: Lab) -> Result<Self> {
        Self::with_plugins(lab, &["configmaps"], "")
    }

    /// With other plugins, and what is said to them.
    pub(crate) fn with_plugins(mut lab: Lab, plugins: &[&str], config: &str) -> Result<Self> {
        lab.name = "my-vcluster".into();
        let stage = Self { lab, plugins: plugins_dir(plugins)?, config: Folder::new("sluice-config-")? };
        stage.configure(config)?;
        Ok(stage)
    }

    pub(crate) fn plugin_folder(&self) -> &Path {
        self.plugins.path()
    }

    /// What the plugins are told from the next start on.
    pub(crate) fn configure(&self, config: &str) -> Result<()> {
        Ok(std::fs::write(self.config_file(), config)?)
    }

    pub(crate) fn config_file(&self) -> PathBuf {
        self.config.path().join("sluice.yaml")
    }

    /// Starts the runtime; it may have to wait for the lease.
    pub(crate) fn launch(&self) -> Result<Sluice> {
        // Many run at once, so each takes a port that is free.
        self.launch_with(&["--log-level", "debug", "--interceptors", "127.0.0.1:0"])
    }

    /// Starts the runtime with these arguments and the config.
    pub(crate) fn launch_with(&self, args: &[&str]) -> Result<Sluice> {
        Sluice::run(&self.lab, self.plugins.path(), &std::fs::read_to_string(self.config_file())?, args)
    }

    /// Starts the runtime with the config as it is: nothing is granted but what it grants.
    pub(crate) fn launch_as_is(&self, args: &[&str]) -> Result<Sluice> {
        let config = self.config_file().display().to_string();
        Sluice::run_as_is(&self.lab, self.plugins.path(), &[&["--config", &config], args].concat())
    }

    /// Starts the runtime and waits until it has looked at every object.
    pub(crate) async fn start(&self) -> Result<Sluice> {
        let mut sluice = self.launch()?;
        sluice.wait_for_line(STARTED).await?;
        Ok(sluice)
    }

    /// Kills the runtime, and takes the lease from it so that the next one need not wait until it runs out.
    pub(crate) async fn kill(&self, sluice: &mut Sluice) -> Result<()> {
        sluice.kill9();
        self.free_lease().await
    }

    pub(crate) async fn free_lease(&self) -> Result<()> {
        let leases: Api<Lease> = Api::namespaced(self.lab.physical_client.clone(), &self.lab.target_namespace);
        leases.delete(&format!("sluice-{}", self.lab.name), &DeleteParams::default()).await?;
        Ok(())
    }

    /// The virtual ConfigMaps of a namespace.
    pub(crate) fn virtual_maps(&self, namespace: &str) -> Api<ConfigMap> {
        Api::namespaced(self.lab.virtual_client.clone(), namespace)
    }

    /// The ConfigMaps of the target namespace.
    pub(crate) fn physical_maps(&self) -> Api<ConfigMap> {
        Api::namespaced(self.lab.physical_client.clone(), &self.lab.target_namespace)
    }

    /// Makes a virtual ConfigMap, in the namespace `default` if it names none.
    pub(crate) async fn create(&self, object: Value) -> Result<ConfigMap> {
        let object: ConfigMap = serde_json::from_value(object)?;
        let namespace = object.namespace().unwrap_or_else(|| "default".into());
        Ok(self.virtual_maps(&namespace).create(&PostParams::default(), &object).await?)
    }

    /// Merges a patch into a virtual ConfigMap. Returns it as it is now.
    pub(crate) async fn change(&self, object: &ConfigMap, patch: Value) -> Result<ConfigMap> {
        merge(&self.virtual_maps(&namespace(object)), &object.name_any(), patch).await
    }

    /// Deletes a virtual ConfigMap.
    pub(crate) async fn delete(&self, object: &ConfigMap) -> Result<()> {
        self.virtual_maps(&namespace(object)).delete(&object.name_any(), &DeleteParams::default()).await?;
        Ok(())
    }

    /// Puts something of somebody else's into the target namespace.
    pub(crate) async fn put(&self, object: &Value) -> Result<ConfigMap> {
        let object = serde_json::from_value(object.clone())?;
        Ok(self.physical_maps().create(&PostParams::default(), &object).await?)
    }

    /// Merges a patch into what stands in the target namespace.
    pub(crate) async fn drift(&self, name: &str, patch: Value) -> Result<ConfigMap> {
        merge(&self.physical_maps(), name, patch).await
    }

    /// Deletes what stands in the target namespace.
    pub(crate) async fn delete_below(&self, name: &str) -> Result<()> {
        self.physical_maps().delete(name, &DeleteParams::default()).await?;
        Ok(())
    }
}

/// A plain ConfigMap.
pub(crate) fn blue(name: &str) -> Value {
    json!({ "metadata": { "name": name }, "data": { "colour": "blue" } })
}

pub(crate) async fn create_namespace(client: &Client, name: &str) -> Result<()> {
    let mut namespace = Namespace::default();
    namespace.metadata.name = Some(name.into());
    Api::all(client.clone()).create(&PostParams::default(), &namespace).await?;
    Ok(())
}

async fn merge(objects: &Api<ConfigMap>, name: &str, patch: Value) -> Result<ConfigMap> {
    Ok(objects.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await?)
}

fn namespace(object: &ConfigMap) -> String {
    object.namespace().unwrap_or_default()
}
