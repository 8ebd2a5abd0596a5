//! NetworkPolicies below are about the Pods of the virtual cluster, which all stand in one namespace there.

use crate::support::{
    Stage, create_namespace,
    things::{Kind, Things, text},
};
use anyhow::Result;
use serde_json::{Value, json};
use sluice_tests::{Lab, Sluice};

const NETWORK_POLICIES: Kind = Kind("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies");
const MANAGED_BY: &str = "vcluster.loft.sh/managed-by";
const NAMESPACE: &str = "vcluster.loft.sh/namespace";
const RELEASE: &str = "vcluster.loft.sh/label-my-vcluster-x-a4d451ec23";
const NAME: &str = "kubernetes.io/metadata.name";

struct Policies {
    above: Things,
    below: Things,
    stage: Stage,
    _sluice: Sluice,
}

impl Policies {
    async fn start(test_name: &str) -> Result<Self> {
        let stage = Stage::with_plugins(Lab::take(test_name).await?, &["network-policies"], "")?;
        create_namespace(&stage.lab.virtual_client, "shop").await?;
        Ok(Self {
            above: stage.above(NETWORK_POLICIES, "shop"),
            below: stage.below(NETWORK_POLICIES),
            _sluice: stage.start().await?,
            stage,
        })
    }

    async fn put(&self, name: &str, spec: Value) -> Result<Value> {
        self.above.put(json!({ "metadata": { "name": name }, "spec": spec })).await
    }

    /// Waits until the copy says this, and nothing else.
    async fn says(&self, name: &str, spec: &Value) -> Result<Value> {
        self.below.until(&copy_name(name), &format!("says {spec}"), |copy| copy["spec"] == *spec).await
    }
}

fn copy_name(name: &str) -> String {
    format!("{name}-x-shop-x-my-vcluster")
}

/// Pods with these labels in the policy's namespace.
fn own(labels: Value) -> Value {
    let mut all = json!({ "matchLabels": { MANAGED_BY: "my-vcluster", NAMESPACE: "shop" } });
    for (key, value) in labels.as_object().into_iter().flatten() {
        all["matchLabels"][key] = value.clone();
    }
    all
}

#[tokio::test]
async fn api_a_network_policy_is_about_pods_of_its_own_namespace() -> Result<()> {
    let policies = Policies::start("policy_own").await?;
    let expressions = |key: &str| json!([{ "key": key, "operator": "In", "values": ["a"] }]);
    let addresses = json!({ "ipBlock": { "cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"] } });
    let ports = json!([{ "port": 53, "protocol": "UDP" }, { "port": "http", "protocol": "TCP" }]);
    let selected =
        json!({ "matchLabels": { "app": "web", "release": "a" }, "matchExpressions": expressions("release") });
    policies
        .put(
            "a",
            json!({
                "podSelector": selected,
                "ingress": [{ "from": [{ "podSelector": { "matchLabels": { "release": "a" } } }, addresses], "ports": ports }],
                "egress": [{ "to": [{ "podSelector": {} }] }, { "ports": ports }],
                "policyTypes": ["Ingress", "Egress"],
            }),
        )
        .await?;
    let mut selector = own(json!({ "app": "web", RELEASE: "a" }));
    selector["matchExpressions"] = expressions(RELEASE);
    let translated = json!({
        "podSelector": selector,
        "ingress": [{ "from": [{ "podSelector": own(json!({ RELEASE: "a" })) }, addresses], "ports": ports }],
        "egress": [{ "to": [{ "podSelector": own(json!({})) }] }, { "ports": ports }],
        "policyTypes": ["Ingress", "Egress"],
    });
    let copy = policies.says("a", &translated).await?;
    assert_eq!(text(&copy, "/metadata/labels/vcluster.loft.sh~1namespace"), "shop");

    // A policy for all Pods is not one for those of other namespaces.
    policies.put("all", json!({ "podSelector": {} })).await?;
    policies.says("all", &json!({ "podSelector": own(json!({})), "policyTypes": ["Ingress"] })).await?;
    Ok(())
}

#[tokio::test]
async fn api_namespaces_that_a_network_policy_names_become_labels_of_their_pods() -> Result<()> {
    let policies = Policies::start("policy_names").await?;
    let not = |key: &str| json!([{ "key": key, "operator": "NotIn", "values": ["x", "y"] }]);
    let (web, ours) = (json!({ "matchLabels": { "app": "web" } }), "my-vcluster");
    let peers = [
        (json!({ "namespaceSelector": {} }), json!({ "matchLabels": { MANAGED_BY: ours } })),
        (
            json!({ "namespaceSelector": { "matchLabels": { NAME: "other" } }, "podSelector": web }),
            json!({ "matchLabels": { MANAGED_BY: ours, NAMESPACE: "other", "app": "web" } }),
        ),
        (
            json!({ "namespaceSelector": { "matchExpressions": not(NAME) } }),
            json!({ "matchLabels": { MANAGED_BY: ours }, "matchExpressions": not(NAMESPACE) }),
        ),
    ];
    let above: Vec<_> = peers.iter().map(|(above, _)| above).collect();
    let below: Vec<_> = peers.iter().map(|(_, below)| json!({ "podSelector": below })).collect();
    let types = json!(["Ingress", "Egress"]);
    let spec =
        json!({ "podSelector": {}, "policyTypes": types, "ingress": [{ "from": above }], "egress": [{ "to": above }] });
    policies.put("a", spec).await?;
    let spec = json!({
        "podSelector": own(json!({})), "policyTypes": types, "ingress": [{ "from": below }], "egress": [{ "to": below }],
    });
    policies.says("a", &spec).await?;
    Ok(())
}

#[tokio::test]
async fn api_a_network_policy_that_cannot_be_enforced_is_told_of_and_nothing_is_written() -> Result<()> {
    let policies = Policies::start("policy_not").await?;
    let mark = policies.stage.lab.physical_plane.audit_mark();
    let from = |labels: Value| {
        let peer = json!({ "namespaceSelector": { "matchLabels": labels } });
        json!({ "podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{ "from": [peer] }] })
    };
    let policy = policies.put("a", from(json!({ "team": "a" }))).await?;
    let why = r#"a namespaceSelector by the label "team" cannot be enforced"#;
    policies.stage.told_that(&policy, why).await?;
    policies.put("b", json!({ "podSelector": {} })).await?;
    let none = json!({ "podSelector": own(json!({})), "policyTypes": ["Ingress"] });
    policies.says("b", &none).await?;
    let asked = policies.stage.asked_below(mark)?;
    assert!(asked.iter().all(|event| event.name != copy_name("a")), "{asked:?}");

    // It is looked at again when it changes; and what stood before it could not be enforced any more stays.
    policies.above.change("a", json!({ "spec": from(json!({ "team": null, NAME: "other" })) })).await?;
    let peer = json!({ "podSelector": { "matchLabels": { MANAGED_BY: "my-vcluster", NAMESPACE: "other" } } });
    let spec = json!({ "podSelector": own(json!({})), "policyTypes": ["Ingress"], "ingress": [{ "from": [peer] }] });
    let copy = policies.says("a", &spec).await?;
    policies.above.change("a", json!({ "spec": from(json!({ "tier": "a" })) })).await?;
    policies.stage.told_that(&policy, r#"by the label "tier" cannot be enforced"#).await?;
    assert_eq!(policies.below.find(&copy_name("a")).await?, Some(copy));
    policies.above.delete("a").await?;
    policies.below.goes(&copy_name("a")).await
}

#[tokio::test]
async fn api_changes_of_a_network_policy_flow_down_and_drift_is_healed() -> Result<()> {
    let policies = Policies::start("policy_flow").await?;
    policies.put("a", json!({ "podSelector": { "matchLabels": { "app": "a" } } })).await?;
    let spec = |labels: Value| json!({ "podSelector": own(labels), "policyTypes": ["Ingress"] });
    let first = policies.says("a", &spec(json!({ "app": "a" }))).await?;

    let change = json!({ "metadata": { "labels": { "team": "a" } }, "spec": { "podSelector": { "matchLabels": { "app": "b" } } } });
    policies.above.change("a", change).await?;
    let copy = policies.says("a", &spec(json!({ "app": "b" }))).await?;
    assert_eq!(text(&copy, "/metadata/labels/team"), "a");
    assert_eq!(copy["metadata"]["uid"], first["metadata"]["uid"], "it is changed, not replaced");

    for drift in [
        json!({ "spec": { "podSelector": { "matchLabels": { MANAGED_BY: null, NAMESPACE: "other" } } } }),
        json!({ "spec": { "policyTypes": ["Egress"] } }),
        json!({ "spec": { "ingress": [{}] } }),
        json!({ "metadata": { "labels": { "team": "b" } } }),
    ] {
        policies.below.change(&copy_name("a"), drift).await?;
        let whole =
            |now: &Value| now["spec"] == copy["spec"] && now["metadata"]["labels"] == copy["metadata"]["labels"];
        policies.below.until(&copy_name("a"), "is healed", whole).await?;
    }
    policies.above.delete("a").await?;
    policies.below.goes(&copy_name("a")).await
}
