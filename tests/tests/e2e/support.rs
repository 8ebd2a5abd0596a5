//! What the tests of the ConfigMap plugin have in common.
//!
//! They know the rules of vCluster by themselves: [`Stage::expected`] says what should stand in the physical cluster,
//! with nothing of the code under test.

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::{
    coordination::v1::Lease,
    core::v1::{ConfigMap, Namespace},
    events::v1::Event,
};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};
use sluice_tests::{AuditEvent, ControlPlane, Lab, Sluice, eventually, folder::Folder, plane::AuditMark, plugins_dir};
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU32, Ordering},
};

/// The virtual cluster's name, unless a test has its own: each test has its own target namespace.
pub(crate) const VCLUSTER: &str = "my-vcluster";

/// A lab with the ConfigMap plugin, and what a user does there.
pub(crate) struct Stage {
    pub(crate) lab: Lab,
    plugins: Folder,
}

impl Stage {
    pub(crate) async fn take(test_name: &str) -> Result<Self> {
        Self::of(Lab::take(test_name).await?)
    }

    pub(crate) fn of(mut lab: Lab) -> Result<Self> {
        lab.name = VCLUSTER.into();
        Ok(Self { lab, plugins: plugins_dir(&["configmaps"])? })
    }

    /// Starts the runtime; it may have to wait for the lease.
    pub(crate) fn launch(&self) -> Result<Sluice> {
        Sluice::run(&self.lab, self.plugins.path(), &["--log-level", "debug"])
    }

    /// Starts the runtime and waits until it has looked at every object.
    pub(crate) async fn start(&self) -> Result<Sluice> {
        let mut sluice = self.launch()?;
        sluice.wait_for_line(STARTED).await?;
        Ok(sluice)
    }

    /// Takes the lease from a killed runtime, so that the next one need not wait until it runs out.
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

    /// Merges a patch into what stands in the physical cluster.
    pub(crate) async fn drift(&self, name: &str, patch: Value) -> Result<ConfigMap> {
        merge(&self.physical_maps(), name, patch).await
    }

    /// Puts something of somebody else's into the target namespace.
    pub(crate) async fn put(&self, object: &Value) -> Result<ConfigMap> {
        let object = serde_json::from_value(object.clone())?;
        Ok(self.physical_maps().create(&PostParams::default(), &object).await?)
    }

    /// The name of the copy of a virtual ConfigMap with a short name.
    pub(crate) fn copy_name(&self, object: &ConfigMap) -> String {
        format!("{}-x-{}-x-{}", object.name_any(), namespace(object), self.lab.name)
    }

    /// What should stand in the physical cluster for this virtual ConfigMap, but for what an API server adds.
    /// It must have a short name and none of the labels that are rewritten.
    pub(crate) fn expected(&self, object: &ConfigMap) -> Value {
        let (namespace, own) = (namespace(object), object.annotations());
        let name = self.copy_name(object);
        let mut labels = object.labels().clone();
        let mut annotations = own.clone();
        let pairs = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(key, value)| (format!("vcluster.loft.sh/{key}"), (*value).to_owned())).collect()
        };
        labels.extend(pairs(&[("managed-by", &self.lab.name), ("namespace", &namespace)]));
        annotations.extend(pairs(&[
            ("object-name", &object.name_any()),
            ("object-namespace", &namespace),
            ("object-uid", &object.uid().unwrap_or_default()),
            ("object-kind", "/v1, Kind=ConfigMap"),
            ("object-host-name", &name),
            ("object-host-namespace", &self.lab.target_namespace),
        ]));
        if !own.is_empty() {
            let keys: Vec<&str> = own.keys().map(String::as_str).collect();
            annotations.extend(pairs(&[("managed-annotations", &keys.join("\n"))]));
        }
        let mut copy = ConfigMap {
            data: object.data.clone(),
            binary_data: object.binary_data.clone(),
            immutable: object.immutable,
            ..ConfigMap::default()
        };
        copy.metadata.name = Some(name);
        copy.metadata.namespace = Some(self.lab.target_namespace.clone());
        copy.metadata.labels = Some(labels);
        copy.metadata.annotations = Some(annotations);
        json!(copy)
    }

    /// Waits until just this stands in the physical cluster. Returns it as it stands.
    pub(crate) async fn stands(&self, expected: &Value) -> Result<ConfigMap> {
        let name = expected["metadata"]["name"].as_str().context("no name")?;
        eventually(&format!("this stands in the physical cluster: {expected}"), async || -> Result<ConfigMap> {
            let found = self.physical_maps().get(name).await?;
            let content = content(&found);
            ensure!(content == *expected, "{content}");
            Ok(found)
        })
        .await
    }

    /// Waits until the copy is as it should be. Returns it.
    pub(crate) async fn copied(&self, object: &ConfigMap) -> Result<ConfigMap> {
        self.stands(&self.expected(object)).await
    }

    /// Waits until nothing stands there under this name.
    pub(crate) async fn gone(&self, name: &str) -> Result<()> {
        let copies = self.physical_maps();
        eventually(&format!("{name} is gone"), async || copies.get_opt(name).await.is_ok_and(|copy| copy.is_none()))
            .await
    }

    /// Makes a ConfigMap and waits for its copy.
    pub(crate) async fn pair(&self, object: Value) -> Result<(ConfigMap, ConfigMap)> {
        let object = self.create(object).await?;
        let copy = self.copied(&object).await?;
        Ok((object, copy))
    }

    /// Waits until whatever happened before, on either side, has been seen by the runtime: each side's events come in
    /// their order, and what happens here last is answered.
    pub(crate) async fn barrier(&self) -> Result<()> {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let name = format!("{BARRIER}{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let (object, first) = self.pair(json!({ "metadata": { "name": name } })).await?;
        self.physical_maps().delete(&first.name_any(), &DeleteParams::default()).await?;
        eventually("the copy of the barrier comes back", async || {
            let copy = self.physical_maps().get(&self.copy_name(&object)).await.ok()?;
            (copy.uid() != first.uid()).then_some(())
        })
        .await
    }

    /// What the runtime asked of the API server of the physical cluster, in the target namespace, since the mark; but
    /// for its lease and the barriers.
    pub(crate) fn asked_below(&self, mark: AuditMark) -> Result<Vec<AuditEvent>> {
        let mut events = asked(&self.lab.physical_plane, mark)?;
        events.retain(|event| event.namespace == self.lab.target_namespace && event.resource != "leases");
        Ok(events)
    }

    /// What the runtime asked of the API server of the virtual cluster.
    pub(crate) fn asked_above(&self, mark: AuditMark) -> Result<Vec<AuditEvent>> {
        asked(&self.lab.virtual_plane, mark)
    }

    /// The Warnings about a virtual object.
    pub(crate) async fn warnings(&self, about: &ConfigMap) -> Result<Vec<Event>> {
        let events: Api<Event> = Api::namespaced(self.lab.virtual_client.clone(), &namespace(about));
        let mut events = events.list(&ListParams::default()).await?.items;
        events.retain(|event| {
            let uid = event.regarding.as_ref().and_then(|regarding| regarding.uid.clone());
            event.type_.as_deref() == Some("Warning") && uid == about.uid()
        });
        Ok(events)
    }

    /// Waits for a Warning about a virtual object.
    pub(crate) async fn warned(&self, about: &ConfigMap) -> Result<Event> {
        eventually("there is a Warning about the object", async || self.warnings(about).await.ok()?.pop()).await
    }
}

/// A line of the log: what this says.
pub(crate) const STARTED: &str = r#""message":"started""#;

const BARRIER: &str = "barrier-";

fn asked(plane: &ControlPlane, mark: AuditMark) -> Result<Vec<AuditEvent>> {
    let mut events = plane.audit_since(mark)?;
    events.retain(|event| event.user == "sluice" && !event.name.starts_with(BARRIER));
    Ok(events)
}

/// Verb and name of those that are writes. A review, which asks who one is, is created but stored nowhere.
pub(crate) fn writes(events: &[AuditEvent]) -> Vec<(&str, &str)> {
    let writes = events.iter().filter(|event| event.is_write() && event.group != "authentication.k8s.io");
    writes.map(|event| (event.verb.as_str(), event.name.as_str())).collect()
}

/// What of an object its maker says: without what every API server adds.
pub(crate) fn content(object: &ConfigMap) -> Value {
    let mut object = object.clone();
    let metadata = &mut object.metadata;
    (metadata.uid, metadata.resource_version) = (None, None);
    (metadata.creation_timestamp, metadata.managed_fields) = (None, None);
    json!(object)
}

/// The functions of the plugin that were called for a pair.
pub(crate) fn calls(sluice: &Sluice, key: &str) -> Vec<String> {
    let lines = sluice.stderr.all();
    let lines = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let called = lines.filter(|line| line["message"] == "called" && line["key"] == key);
    called.map(|line| line["function"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Stops the runtime and returns what it says it did: `calls`, `writes`, `failures`.
pub(crate) async fn stop(mut sluice: Sluice) -> Result<Value> {
    let status = sluice.terminate().await?;
    ensure!(status.success(), "it ended with {status}");
    let line = sluice.stderr.find(r#""message":"totals""#).context("it does not say what it did")?;
    Ok(serde_json::from_str(&line)?)
}

pub(crate) async fn create_namespace(client: &Client, name: &str) -> Result<()> {
    let mut namespace = Namespace::default();
    namespace.metadata.name = Some(name.into());
    Api::all(client.clone()).create(&PostParams::default(), &namespace).await?;
    Ok(())
}

pub(crate) async fn merge(objects: &Api<ConfigMap>, name: &str, patch: Value) -> Result<ConfigMap> {
    Ok(objects.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await?)
}

fn namespace(object: &ConfigMap) -> String {
    object.namespace().unwrap_or_default()
}
