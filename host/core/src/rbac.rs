//! The Kubernetes roles that grants need: what the runtime sends for them, and nothing more.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::grants::{Grant, Verb};
use crate::key::Side;

/// How a cluster calls a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// `configmaps`.
    pub plural: String,
    /// Whether its objects are in namespaces.
    pub namespaced: bool,
}

/// What one user may do in one cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights(BTreeMap<Scope, Rules>);

/// In which namespace; none for all, and for what is in none.
type Scope = Option<String>;
/// The verbs for a group, a resource and the names that they are for; none are all.
type Rules = BTreeMap<(String, String, BTreeSet<String>), BTreeSet<&'static str>>;

const READ: &[&str] = &["list", "watch"];
const KEEP: &[&str] = &["list", "watch", "create", "patch", "delete"];
const STATUS: &[&str] = &["patch"];

impl Rights {
    /// What the runtime needs in a cluster for itself. `name`: of the virtual cluster, whose copies go to `namespace`.
    pub fn of_the_runtime(side: Side, name: &str, namespace: &str) -> Self {
        match side {
            Side::Virtual => {
                let mut rights = Self::default();
                rights.add(None, "events.k8s.io", "events", BTreeSet::new(), &["create", "patch"]);
                rights
            }
            Side::Physical => {
                let mut rights = Self::inside(Some(name), namespace);
                let target = || Some(namespace.to_owned());
                rights.add(None, "", "namespaces", BTreeSet::from([namespace.into()]), &["get"]);
                rights.add(target(), "coordination.k8s.io", "leases", BTreeSet::new(), &["create"]);
                rights.add(target(), "coordination.k8s.io", "leases", own(Some(name)), &["get", "update"]);
                rights
            }
        }
    }

    /// What it needs for itself in the physical cluster where vCluster starts it, who leads and has the namespace already.
    /// `name`: of the virtual cluster; unless it is known, what is called after it may have any name.
    pub fn inside(name: Option<&str>, namespace: &str) -> Self {
        let mut rights = Self::default();
        let target = || Some(namespace.to_owned());
        rights.add(target(), "events.k8s.io", "events", BTreeSet::new(), &["create", "patch"]);
        rights.add(target(), "", "services", name.map(Into::into).into_iter().collect(), &["get"]);
        // What is made has no name yet that a role could know.
        rights.add(target(), "", "configmaps", BTreeSet::new(), &["create"]);
        rights.add(target(), "", "configmaps", own(name), &["get", "patch"]);
        rights
    }

    /// And what it needs to find plugins in the ConfigMaps of this namespace.
    pub fn plugins_in(&mut self, namespace: &str) {
        self.add(Some(namespace.into()), "", "configmaps", BTreeSet::new(), READ);
    }

    /// And what it needs there for this grant. Copies are in `namespace`. `serves`: how each side calls the grant's kind.
    pub fn grant(&mut self, side: Side, namespace: &str, grant: &Grant, serves: impl Fn(Side) -> Served) {
        let Served { plural, namespaced } = serves(side);
        let all = |names: &BTreeSet<String>| -> Vec<Scope> {
            let resolved = |name: &String| Some(if name.is_empty() { namespace } else { name }.to_owned());
            match namespaced && !names.is_empty() {
                true => names.iter().map(resolved).collect(),
                false => vec![None],
            }
        };
        let copies = || if namespaced && side == Side::Physical { Some(namespace.to_owned()) } else { None };
        let status = format!("{plural}/status");
        let mut add = |scopes: Vec<Scope>, resource: &str, names: &BTreeSet<String>, verbs: &[&'static str]| {
            for scope in scopes {
                self.add(scope, &grant.group, resource, names.clone(), verbs);
            }
        };
        let (any, names) = (BTreeSet::new(), &grant.names);
        for verb in &grant.verbs {
            match verb {
                // What is copied is read; its copies are kept on the other side.
                Verb::Sync if side == grant.side => add(all(&grant.namespaces), &plural, &any, READ),
                Verb::Sync => {
                    add(vec![copies()], &plural, &any, KEEP);
                    add(vec![copies()], &status, &any, STATUS);
                }
                _ if side != grant.side => {}
                Verb::Make => {
                    add(vec![None], &plural, &any, KEEP);
                    add(vec![None], &status, &any, STATUS);
                }
                Verb::Read => add(all(&grant.namespaces), &plural, names, READ),
                Verb::Create => add(all(&grant.namespaces), &plural, &any, &["create"]),
                Verb::Update => add(all(&grant.namespaces), &plural, names, &["patch"]),
                Verb::Status => add(all(&grant.namespaces), &status, names, STATUS),
                Verb::Delete => add(all(&grant.namespaces), &plural, names, &["delete"]),
                // It is about what the runtime sends anyway.
                Verb::Hook => {}
            }
        }
        // What is defined is waited for.
        let defines = grant.group == "apiextensions.k8s.io" && grant.kind == "CustomResourceDefinition";
        if side == grant.side && defines && grant.verbs.contains(&Verb::Create) {
            self.add(None, &grant.group, &plural, names.clone(), &["get", "list", "watch"]);
        }
    }

    fn add(&mut self, scope: Scope, group: &str, resource: &str, names: BTreeSet<String>, verbs: &[&'static str]) {
        let rules = self.0.entry(scope).or_default();
        rules.entry((group.into(), resource.into(), names)).or_default().extend(verbs);
    }

    /// The rules of each namespace; under none those for all namespaces, and for what is in none.
    pub fn rules(&self) -> impl Iterator<Item = (Option<&str>, Vec<Value>)> {
        self.0.iter().map(|(scope, rules)| (scope.as_deref(), rules.iter().map(rule).collect()))
    }

    /// A ClusterRole for what is in all namespaces or in none, and a Role for each namespace, all of this name.
    pub fn roles(&self, name: &str) -> Vec<Value> {
        self.rules().map(|(scope, rules)| role(name, scope, &rules)).collect()
    }
}

/// What the runtime calls after the virtual cluster of this name.
fn own(name: Option<&str>) -> BTreeSet<String> {
    name.map(|name| format!("sluice-{name}")).into_iter().collect()
}

fn rule(((group, resource, names), verbs): (&(String, String, BTreeSet<String>), &BTreeSet<&str>)) -> Value {
    let mut rule = json!({ "apiGroups": [group], "resources": [resource], "verbs": verbs });
    if !names.is_empty() {
        rule["resourceNames"] = json!(names);
    }
    rule
}

fn role(name: &str, namespace: Option<&str>, rules: &[Value]) -> Value {
    let kind = if namespace.is_some() { "Role" } else { "ClusterRole" };
    let mut metadata = json!({ "name": name });
    if let Some(namespace) = namespace {
        metadata["namespace"] = json!(namespace);
    }
    json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata, "rules": rules })
}

/// How Kubernetes would call a kind that nobody was asked about: as its own guess has it, and in namespaces unless it is
/// one of Kubernetes' own that are in none.
pub fn guess(group: &str, kind: &str) -> Served {
    let lower = kind.to_lowercase();
    let plural = match lower.char_indices().next_back() {
        _ if lower == "endpoints" => lower,
        Some((_, 's')) => lower + "es",
        Some((at, 'y')) => format!("{}ies", &lower[..at]),
        _ => lower + "s",
    };
    Served { plural, namespaced: !CLUSTER_SCOPED.contains(&(group, kind)) }
}

const CLUSTER_SCOPED: [(&str, &str); 26] = [
    ("", "Namespace"),
    ("", "Node"),
    ("", "PersistentVolume"),
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("apiregistration.k8s.io", "APIService"),
    ("certificates.k8s.io", "CertificateSigningRequest"),
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
    ("networking.k8s.io", "IngressClass"),
    ("networking.k8s.io", "IPAddress"),
    ("networking.k8s.io", "ServiceCIDR"),
    ("node.k8s.io", "RuntimeClass"),
    ("rbac.authorization.k8s.io", "ClusterRole"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    ("resource.k8s.io", "DeviceClass"),
    ("resource.k8s.io", "ResourceSlice"),
    ("scheduling.k8s.io", "PriorityClass"),
    ("storage.k8s.io", "CSIDriver"),
    ("storage.k8s.io", "StorageClass"),
    ("storage.k8s.io", "VolumeAttributesClass"),
];

#[cfg(test)]
mod tests;
