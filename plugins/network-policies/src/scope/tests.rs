use sluice_sdk::serde_json::{Value, from_value, json, to_value};

use super::*;

/// What becomes of a policy in the namespace `shop`. In place of the runtime's translation, keys are shouted.
fn spec(spec: Value) -> Result<Value, String> {
    let translate = |selector: &LabelSelector| {
        let mut selector = selector.clone();
        let labels = selector.match_labels.take();
        selector.match_labels = labels.map(|labels| labels.into_iter().map(|(k, v)| (k.to_uppercase(), v)).collect());
        selector.match_expressions.iter_mut().flatten().for_each(|one| one.key = one.key.to_uppercase());
        selector
    };
    let scope = Scope { virtual_cluster: "vc".into(), namespace: "shop".into(), translate: &translate };
    Ok(to_value(scope.spec(from_value(spec).expect("a spec"))?).expect("JSON"))
}

fn peer(peer: Value) -> Result<Value, String> {
    Ok(spec(json!({ "ingress": [{ "from": [peer] }] }))?["ingress"][0]["from"][0].take())
}

#[test]
fn a_policy_is_about_the_pods_of_its_own_namespace() {
    let own = json!({ "matchLabels": { NAMESPACE: "shop", MANAGED_BY: "vc" } });
    for all in [json!({}), json!({ "podSelector": {} })] {
        assert_eq!(spec(all), Ok(json!({ "podSelector": own })));
    }
    let some = json!({ "matchLabels": { "app": "a" }, "matchExpressions": [{ "key": "tier", "operator": "Exists" }] });
    let translated = json!({
        "matchLabels": { "APP": "a", NAMESPACE: "shop", MANAGED_BY: "vc" },
        "matchExpressions": [{ "key": "TIER", "operator": "Exists" }],
    });
    assert_eq!(spec(json!({ "podSelector": some })), Ok(json!({ "podSelector": translated })));
    assert_eq!(peer(json!({ "podSelector": {} })), Ok(json!({ "podSelector": own })));
    assert_eq!(peer(json!({ "podSelector": some })), Ok(json!({ "podSelector": translated })));
}

#[test]
fn namespaces_become_labels_of_their_pods() {
    let all = json!({ "podSelector": { "matchLabels": { MANAGED_BY: "vc" } } });
    let one = json!({ "podSelector": { "matchLabels": { NAMESPACE: "other", MANAGED_BY: "vc" } } });
    let some = json!({ "podSelector": {
        "matchLabels": { "APP": "a", MANAGED_BY: "vc" },
        "matchExpressions": [
            { "key": "TIER", "operator": "Exists" },
            { "key": NAMESPACE, "operator": "NotIn", "values": ["x", "y"] },
        ],
    } });
    let not = json!([{ "key": NAME, "operator": "NotIn", "values": ["x", "y"] }]);
    let pods = json!({ "matchLabels": { "app": "a" }, "matchExpressions": [{ "key": "tier", "operator": "Exists" }] });
    for (above, below) in [
        (json!({ "namespaceSelector": {} }), all),
        (json!({ "namespaceSelector": { "matchLabels": { NAME: "other" } } }), one),
        (json!({ "namespaceSelector": { "matchExpressions": not }, "podSelector": pods }), some),
    ] {
        assert_eq!(peer(above), Ok(below));
    }
}

#[test]
fn what_pods_do_not_carry_has_no_copy() {
    for selector in [
        json!({ "matchLabels": { "team": "a" } }),
        json!({ "matchLabels": { NAME: "other", "team": "a" } }),
        json!({ "matchExpressions": [{ "key": "team", "operator": "DoesNotExist" }] }),
    ] {
        let why = peer(json!({ "namespaceSelector": selector })).expect_err("no peer");
        assert!(why.contains("by the label \"team\" cannot be enforced"), "{why}");
    }
}

#[test]
fn addresses_ports_and_rules_without_peers_stay() {
    let rules = json!([
        {},
        { "ports": [{ "port": 53, "protocol": "UDP" }] },
        { "to": [{ "ipBlock": { "cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"] } }] },
    ]);
    let translated = spec(json!({ "egress": rules, "policyTypes": ["Egress"] })).expect("a spec");
    assert_eq!((&translated["egress"], &translated["policyTypes"]), (&rules, &json!(["Egress"])));
}
