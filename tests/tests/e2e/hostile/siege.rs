//! One runtime with a good plugin and a bad one.

use crate::support::{
    STARTED, Stage,
    things::{Kind, SECRETS, Things},
};
use anyhow::{Context, Result, ensure};
use k8s_openapi::api::{core::v1::Secret, events::v1::Event};
use kube::{
    Api, ResourceExt,
    api::{ListParams, PostParams},
};
use serde_json::{Value, json};
use sluice_tests::{AuditEvent, Lab, Sluice, eventually, plane::AuditMark};
use std::collections::BTreeSet;

/// A kind without secrets: of what a plugin says about these nothing is withheld.
pub(super) const ACCOUNTS: Kind = Kind("v1", "ServiceAccount", "serviceaccounts");

/// A runtime with the ConfigMap plugin and a hostile one, which is after Secrets, or what a test says.
pub(super) struct Siege {
    pub(super) stage: Stage,
    pub(super) sluice: Sluice,
    /// What the plugin is after.
    kind: Kind,
    mark: AuditMark,
    mark_above: AuditMark,
}

impl Siege {
    pub(super) async fn lay(plugin: &str) -> Result<Self> {
        Self::lay_with(plugin, "").await
    }

    /// With what is said to the plugins.
    pub(super) async fn lay_with(plugin: &str, config: &str) -> Result<Self> {
        Self::lay_saying(plugin, config, &[]).await
    }

    /// With arguments for the runtime, such as how much it says.
    pub(super) async fn lay_saying(plugin: &str, config: &str, args: &[&str]) -> Result<Self> {
        let stage = Stage::with_plugins(Lab::take(plugin).await?, &["configmaps", plugin], config)?;
        let mark = stage.lab.physical_plane.audit_mark();
        let mark_above = stage.lab.virtual_plane.audit_mark();
        let mut sluice = stage.launch_with(args)?;
        sluice.wait_for_line(STARTED).await?;
        Ok(Self { stage, sluice, kind: SECRETS, mark, mark_above })
    }

    pub(super) fn virtual_secrets(&self) -> Api<Secret> {
        Api::namespaced(self.stage.lab.virtual_client.clone(), "default")
    }

    pub(super) fn physical_secrets(&self) -> Api<Secret> {
        Api::namespaced(self.stage.lab.physical_client.clone(), &self.stage.lab.target_namespace)
    }

    pub(super) async fn bait(&self, name: &str) -> Result<Secret> {
        let secret = json!({ "metadata": { "name": name }, "stringData": { "password": "hunter2" } });
        Ok(self.virtual_secrets().create(&PostParams::default(), &serde_json::from_value(secret)?).await?)
    }

    /// Of a plugin that is after another kind.
    pub(super) fn after(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// The virtual objects that the plugin is after.
    pub(super) fn prey(&self) -> Things {
        self.stage.above(self.kind, "default")
    }

    /// One for the plugin, of whatever kind it is after.
    pub(super) async fn lure(&self, name: &str) -> Result<Value> {
        self.prey().put(json!({ "metadata": { "name": name } })).await
    }

    /// For each name, reason and why: an object of that name makes the plugin fail so, which its user is told, and goes.
    pub(super) async fn fails(&self, cases: &[(&str, &str, &str)]) -> Result<()> {
        for (name, reason, why) in cases {
            let object = self.lure(name).await?;
            self.told_of(&format!("default/{name}"), reason, why).await.with_context(|| (*name).to_owned())?;
            let note = self.stage.told_that(&object, "Error syncing: ").await?;
            ensure!(note.starts_with("Error syncing: "), "{name}: {note}");
            self.prey().delete(name).await?;
        }
        Ok(())
    }

    /// A ConfigMap comes, changes and goes, and so does its copy.
    pub(super) async fn neighbour_works(&self) -> Result<()> {
        let stage = &self.stage;
        let (object, copy) = stage.pair(json!({ "metadata": { "name": "a" }, "data": { "b": "1" } })).await?;
        let object = stage.change(&object, json!({ "data": { "b": "2" } })).await?;
        stage.copied(&object).await?;
        stage.delete(&object).await?;
        stage.gone(&copy.name_any()).await
    }

    /// What is said to the user about a Secret.
    pub(super) async fn warned(&self, about: &Secret) -> Result<Event> {
        let events: Api<Event> = Api::namespaced(self.stage.lab.virtual_client.clone(), "default");
        eventually("there is a Warning about the Secret", async || {
            let events = events.list(&ListParams::default()).await.ok()?.items;
            let about = |event: &Event| event.regarding.as_ref().is_some_and(|object| object.uid == about.uid());
            events.into_iter().find(|event| event.type_.as_deref() == Some("Warning") && about(event))
        })
        .await
    }

    /// The line of the log that tells what went wrong with a Secret.
    pub(super) fn told(&self, name: &str) -> Result<Value> {
        let key = json!(format!("default/{name}"));
        let mut lines = self.sluice.stderr.all().into_iter().filter_map(|line| serde_json::from_str(&line).ok());
        lines.find(|line: &Value| line["key"] == key && line["level"] == "WARN").context("the log does not tell")
    }

    /// Waits for the line of the log that tells what went wrong with this key, and checks whose it was and why.
    pub(super) async fn told_of(&self, key: &str, reason: &str, why: &str) -> Result<()> {
        let line = eventually(&format!("the log tells of {key}"), async || {
            let mut lines = self.sluice.stderr.all().into_iter().filter_map(|line| serde_json::from_str(&line).ok());
            lines.find(|line: &Value| line["key"] == key && line["level"] == "WARN")
        })
        .await?;
        let plugin = line["plugin"].as_str().unwrap_or_default();
        let told = line["message"].as_str().unwrap_or_default();
        ensure!(plugin.starts_with("hostile-") && line["reason"] == reason && told.contains(why), "{line}");
        Ok(())
    }

    /// What the runtime asked of the API servers, both together.
    pub(super) fn asked(&self) -> Result<Vec<AuditEvent>> {
        let lab = &self.stage.lab;
        let mut asked = lab.virtual_plane.audit_since(self.mark_above)?;
        asked.extend(lab.physical_plane.audit_since(self.mark)?.into_iter().filter(|event| {
            event.namespace == lab.target_namespace || event.request["metadata"]["namespace"] == lab.target_namespace
        }));
        asked.retain(|event| event.user == "sluice");
        Ok(asked)
    }

    /// Every write above that the API server took, but for Events.
    pub(super) fn written_above(&self) -> Result<Vec<AuditEvent>> {
        let mut writes = self.stage.lab.virtual_plane.audit_since(self.mark_above)?;
        writes.retain(|event| event.user == "sluice" && event.is_write() && event.code < 300);
        writes.retain(|event| !["events", "selfsubjectreviews"].contains(&event.resource.as_str()));
        Ok(writes)
    }

    /// Verb, namespace and name of every write above that the API server took: of Secrets, and no others but Events.
    pub(super) fn secrets_written_above(&self) -> Result<Vec<String>> {
        let writes = self.written_above()?;
        let other = writes.iter().find(|event| event.resource != "secrets");
        ensure!(other.is_none(), "this is not the plugin's to write: {other:?}");
        let mut said: Vec<_> =
            writes.iter().map(|event| format!("{} {}/{}", event.verb, event.namespace, event.name)).collect();
        said.sort();
        Ok(said)
    }

    /// Verb and name of every write of a Secret below. Fails if any runtime wrote outside of what is a test's target
    /// namespace, all of which `admin` made.
    pub(super) fn secrets_written(&self) -> Result<Vec<(String, String)>> {
        let lab = &self.stage.lab;
        // Before it is looked up which target namespaces there are: other tests make more.
        let mut writes = lab.physical_plane.audit_since(self.mark)?;
        let made =
            lab.physical_plane.audit()?.into_iter().filter(|event| event.user == "admin" && event.verb == "create");
        let targets: BTreeSet<_> =
            made.filter(|event| event.resource == "namespaces").map(|event| event.name).collect();
        ensure!(targets.contains(&lab.target_namespace), "the audit log lacks the target namespace");

        // To ask who one is counts as a write, but leaves nothing behind.
        writes.retain(|event| event.user == "sluice" && event.is_write() && event.resource != "selfsubjectreviews");
        // The name of a copy without a namespace says the target namespace.
        let named = |name: &str| targets.iter().any(|target| name.contains(&format!("-x-{target}-x-")));
        let outside = writes.iter().find(|event| match event.namespace.as_str() {
            "" => !named(&event.name),
            namespace => !targets.contains(namespace),
        });
        ensure!(outside.is_none(), "this is outside of every target namespace: {outside:?}");
        let ours = writes.into_iter().filter(|event| event.namespace == lab.target_namespace);
        Ok(ours.filter(|event| event.resource == "secrets").map(|event| (event.verb, event.name)).collect())
    }

    /// The neighbour works, and nothing was written outside of the target namespaces. Stops the runtime. Returns how
    /// often the plugin was called after its init, what it wrote and what failed; of its neighbour nothing did.
    pub(super) async fn holds(self, plugin: &str) -> Result<(u64, Value, Value)> {
        self.neighbour_works().await?;
        self.secrets_written()?;
        let lines = self.sluice.stderr.path().to_owned();
        let totals = self.lift().await?;
        assert_eq!(totals("configmaps")?.1, json!({}));
        let (writes, mut failures) = totals(plugin)?;
        // On a quick machine it has failed often enough by now to be set aside.
        failures.as_object_mut().map(|failures| failures.remove("quarantined"));
        let lines = std::fs::read_to_string(lines)?;
        let lines = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let totals = lines.filter(|line| line["message"] == "totals").find(|line| line["plugin"] == plugin);
        let calls = totals.context("no totals")?["calls"].as_u64().context("no calls")?;
        Ok((calls.saturating_sub(1), writes, failures))
    }

    /// Stops the runtime. Returns what each plugin did and what failed: writes and failures, by their kinds.
    pub(super) async fn lift(mut self) -> Result<impl Fn(&str) -> Result<(Value, Value)>> {
        ensure!(self.sluice.ended()?.is_none(), "the runtime ended");
        let status = self.sluice.terminate().await?;
        ensure!(status.success(), "the runtime ended with {status}");
        let lines: Vec<Value> =
            self.sluice.stderr.all().iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Ok(move |plugin: &str| {
            let totals = lines.iter().find(|line| line["message"] == "totals" && line["plugin"] == plugin);
            let totals = totals.with_context(|| format!("{plugin} has no totals"))?;
            let counts = |field: &str| serde_json::from_str(totals[field].as_str().unwrap_or_default());
            Ok((counts("writes")?, counts("failures")?))
        })
    }
}
