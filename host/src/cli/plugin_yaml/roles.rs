//! Rights, as the values of a chart say them.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use sluice_core::rbac::Rights;

/// Of a plugin's entry in vCluster's values: rules for vCluster's own namespace, and for all of them.
pub(super) fn of_a_plugin(rights: &Rights, target: &str) -> Value {
    let mut rbac = Map::new();
    for (scope, rules) in rights.rules() {
        let role = match scope {
            None => "clusterRole",
            Some(namespace) if namespace == target => "role",
            Some(_) => continue,
        };
        rbac.insert(role.into(), json!({ "extraRules": rules }));
    }
    rbac.into()
}

/// Of the chart's values: the same, and those for other namespaces.
pub(super) fn of_the_chart(rights: &Rights, target: &str) -> Value {
    let mut rbac = of_a_plugin(rights, target);
    for (namespace, rules) in others(rights, target) {
        rbac["namespaces"][namespace] = json!({ "extraRules": rules });
    }
    rbac
}

/// What vCluster's values can say in no other way: manifests of a Role in each other namespace, and who has it.
pub(super) fn elsewhere(rights: &Rights, target: &str, key: &str) -> anyhow::Result<Option<String>> {
    let mut manifests = String::new();
    for (namespace, rules) in others(rights, target) {
        let name = format!("{key}-{NAMESPACE}-{NAME}");
        let metadata = json!({ "name": name, "namespace": namespace });
        let role = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": metadata, "rules": rules,
        });
        let bound = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": metadata,
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name },
            "subjects": [{ "kind": "ServiceAccount", "name": format!("vc-{NAME}"), "namespace": NAMESPACE }],
        });
        for manifest in [role, bound] {
            // It is a template: what looks like one in a rule is not.
            let text = serde_saphyr::to_string(&manifest)?.replace("{{", r#"{{ "{{" }}"#);
            let text = text.replace(NAME, "{{ .Release.Name }}").replace(NAMESPACE, "{{ .Release.Namespace }}");
            write!(manifests, "---\n{text}")?;
        }
    }
    Ok((!manifests.is_empty()).then_some(manifests))
}

/// Stand for what only the template knows, and are in no name of Kubernetes.
const NAME: &str = "THE_RELEASE";
const NAMESPACE: &str = "ITS_NAMESPACE";

fn others<'a>(rights: &'a Rights, target: &str) -> impl Iterator<Item = (&'a str, Vec<Value>)> {
    rights.rules().filter_map(move |(scope, rules)| Some((scope.filter(|scope| *scope != target)?, rules)))
}
