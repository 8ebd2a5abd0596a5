use serde_json::{Value, json};
use sluice_core::hook::Operation;
use sluice_core::key::{Gvk, Side};

use super::*;

fn hook(side: Side, gvk: Gvk, operations: &[Operation]) -> Hook {
    Hook { name: "h".into(), side, kind: gvk, operations: operations.iter().copied().collect() }
}

fn owner(plugin: &str) -> Owner {
    Owner { plugin: plugin.into(), interceptor: "i".into() }
}

/// Of these rules, each with its plugin; and what is unsaid.
fn rules(rules: Value) -> (Value, Vec<String>) {
    let rules = rules.as_array().unwrap().iter().map(|entry| {
        let rule = serde_json::from_value(entry[1].clone()).unwrap();
        (owner(entry[0].as_str().unwrap()), rule)
    });
    let (config, unsaid) = PluginConfig::new([], rules);
    let config: Value = serde_json::from_str(&config.to_json()).unwrap();
    (config["interceptors"].clone(), unsaid.iter().map(ToString::to_string).collect())
}

#[test]
fn nothing_wanted_is_nothing_said() {
    let (config, unsaid) = PluginConfig::new([], []);
    assert!(config.is_empty() && unsaid.is_empty());
    assert_eq!(config.to_json(), "{}");
}

#[test]
fn one_kind_is_asked_for_once() {
    let (pod, ingress) = (Gvk::new("", "v1", "Pod"), Gvk::new("networking.k8s.io", "v1", "Ingress"));
    let hooks = [
        hook(Side::Physical, pod.clone(), &[Operation::Create]),
        hook(Side::Physical, pod.clone(), &[Operation::Create, Operation::Delete]),
        hook(Side::Virtual, pod, &[Operation::Get]),
        hook(Side::Virtual, ingress, &[Operation::Update]),
    ];
    let (config, _) = PluginConfig::new(&hooks, []);
    let expected = json!({ "clientHooks": [
        { "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "types": ["ApplyVirtual", "UpdateVirtual"] },
        { "apiVersion": "v1", "kind": "Pod", "types": ["CreatePhysical", "DeletePhysical", "GetVirtual"] },
    ] });
    assert_eq!(serde_json::from_str::<Value>(&config.to_json()).unwrap(), expected);
}

#[test]
fn rules_that_are_apart_are_said_as_they_are() {
    let pods = json!({ "apiGroups": [""], "resources": ["pods"], "resourceNames": ["a"], "verbs": ["get"] });
    let urls = json!({ "nonResourceURLs": ["/metrics", "/x/*"], "verbs": ["*"] });
    let said = rules(json!([["p", pods], ["p", urls]]));
    assert_eq!(said, (json!({ "p/i": [pods, urls] }), vec![]));
}

#[test]
fn what_two_rules_of_one_interceptor_say_is_said_once() {
    let rule = |verbs: &[&str]| json!({ "apiGroups": [""], "resources": ["pods"], "verbs": verbs });
    let said = rules(json!([["p", rule(&["get"])], ["p", rule(&["get", "list"])], ["p", rule(&["list"])]]));
    assert_eq!(said, (json!({ "p/i": [rule(&["get"]), rule(&["list"])] }), vec![]));
}

#[test]
fn all_verbs_of_some_names_are_said_one_by_one() {
    let rule = json!({ "apiGroups": [""], "resources": ["pods"], "resourceNames": ["a"], "verbs": ["*"] });
    let (said, _) = rules(json!([["p", rule]]));
    let verbs = json!(["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]);
    assert_eq!(said["p/i"][0]["verbs"], verbs);
}

#[test]
fn what_vcluster_would_not_start_with_is_left_out_and_told() {
    let all = json!({ "apiGroups": ["*"], "resources": ["pods"], "verbs": ["get"] });
    let core = json!({ "apiGroups": [""], "resources": ["*"], "verbs": ["get"] });
    let (said, unsaid) = rules(json!([["p", all], ["p", core]]));
    assert_eq!(said["p/i"], json!([all]));
    let [unsaid] = &unsaid[..] else { panic!("{unsaid:?}") };
    assert!(unsaid.contains("\"p/i\" and \"p/i\" both answer get of pods in API group core"), "{unsaid}");
}
