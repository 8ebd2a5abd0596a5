//! Which roles which grants come to.

use super::*;

fn rights(side: Side, grants: &[&str]) -> Vec<String> {
    let mut rights = Rights::default();
    for grant in grants {
        let grant: Grant = serde_json::from_str(grant).unwrap();
        rights.grant(side, "ns", &grant, |_| guess(&grant.group, &grant.kind));
    }
    told(&rights)
}

fn told(rights: &Rights) -> Vec<String> {
    let roles = rights.roles("r");
    let role = |role: &Value| -> Vec<String> {
        let place = role["metadata"]["namespace"].as_str().unwrap_or("all").to_owned();
        let rule = |rule: &Value| {
            let list = |key: &str| {
                let list = rule[key].as_array().into_iter().flatten().filter_map(Value::as_str);
                list.collect::<Vec<_>>().join(",")
            };
            let (resources, names, verbs) = (list("resources"), list("resourceNames"), list("verbs"));
            format!("{place}: {}/{resources}[{names}] {verbs}", list("apiGroups"))
        };
        role["rules"].as_array().into_iter().flatten().map(rule).collect()
    };
    roles.iter().flat_map(role).collect()
}

#[test]
fn what_is_copied_is_read_and_its_copies_are_kept() {
    let down = r#"{"side":"virtual","kind":"ConfigMap","verbs":["sync"],"namespaces":["a"]}"#;
    assert_eq!(rights(Side::Virtual, &[down]), ["a: /configmaps[] list,watch"]);
    let kept = ["ns: /configmaps[] create,delete,list,patch,watch", "ns: /configmaps/status[] patch"];
    assert_eq!(rights(Side::Physical, &[down]), kept);
    let up = r#"{"side":"physical","kind":"Secret","verbs":["sync"],"namespaces":["","team"]}"#;
    let read = ["ns: /secrets[] list,watch", "team: /secrets[] list,watch"];
    assert_eq!(rights(Side::Physical, &[up]), read);
    let kept = ["all: /secrets[] create,delete,list,patch,watch", "all: /secrets/status[] patch"];
    assert_eq!(rights(Side::Virtual, &[up]), kept);
    let scoped = r#"{"side":"physical","group":"storage.k8s.io","kind":"StorageClass","verbs":["sync"]}"#;
    assert_eq!(rights(Side::Physical, &[scoped]), ["all: storage.k8s.io/storageclasses[] list,watch"]);
}

#[test]
fn other_verbs_are_for_what_they_name() {
    let grant = r#"{"side":"virtual","group":"apps","kind":"Deployment","verbs":["create","update","delete","status","hook"],
        "namespaces":["a"],"names":["x"]}"#;
    let rules =
        ["a: apps/deployments[] create", "a: apps/deployments[x] delete,patch", "a: apps/deployments/status[x] patch"];
    assert_eq!(rights(Side::Virtual, &[grant]), rules);
    assert!(rights(Side::Physical, &[grant]).is_empty());
    let defined = r#"{"side":"virtual","group":"apiextensions.k8s.io","kind":"CustomResourceDefinition",
        "verbs":["create"],"names":["cars.example.com"]}"#;
    let definitions = "all: apiextensions.k8s.io/customresourcedefinitions";
    let rules = [format!("{definitions}[] create"), format!("{definitions}[cars.example.com] get,list,watch")];
    assert_eq!(rights(Side::Virtual, &[defined]), rules);
    let made = r#"{"side":"virtual","kind":"Node","verbs":["make"]}"#;
    let rules = ["all: /nodes[] create,delete,list,patch,watch", "all: /nodes/status[] patch"];
    assert_eq!(rights(Side::Virtual, &[made]), rules);
}

#[test]
fn inside_vcluster_less_is_needed() {
    let rules = [
        "ns: /configmaps[] create",
        "ns: /configmaps[sluice-my] get,patch",
        "ns: /services[my] get",
        "ns: events.k8s.io/events[] create,patch",
    ];
    assert_eq!(told(&Rights::inside(Some("my"), "ns")), rules);
    let mut beside = told(&Rights::of_the_runtime(Side::Physical, "my", "ns"));
    beside.retain(|rule| !rules.contains(&rule.as_str()));
    let more = [
        "all: /namespaces[ns] get",
        "ns: coordination.k8s.io/leases[] create",
        "ns: coordination.k8s.io/leases[sluice-my] get,update",
    ];
    assert_eq!(beside, more);
    let any = ["ns: /configmaps[] create,get,patch", "ns: /services[] get", "ns: events.k8s.io/events[] create,patch"];
    assert_eq!(told(&Rights::inside(None, "ns")), any);
}

#[test]
fn where_plugins_are_looked_for_is_read() {
    let mut rights = Rights::default();
    rights.plugins_in("ns");
    assert_eq!(told(&rights), ["ns: /configmaps[] list,watch"]);
    assert_eq!(rights.rules().map(|(scope, rules)| (scope, rules.len())).collect::<Vec<_>>(), [(Some("ns"), 1)]);
}

#[test]
fn a_kind_is_called_as_kubernetes_guesses() {
    for (kind, plural) in [
        ("ConfigMap", "configmaps"),
        ("NetworkPolicy", "networkpolicies"),
        ("Ingress", "ingresses"),
        ("Endpoints", "endpoints"),
    ] {
        assert_eq!(guess("", kind).plural, plural);
    }
    assert!(!guess("", "Node").namespaced && guess("example.com", "Node").namespaced);
}
