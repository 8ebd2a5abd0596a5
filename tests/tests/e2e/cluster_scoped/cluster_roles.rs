//! ClusterRoles have copies that the whole physical cluster sees, so their names and markers say the target namespace too.

use crate::support::{
    Stage,
    things::{Kind, Things, marker, text},
};
use anyhow::Result;
use serde_json::{Value, json};
use sluice_tests::{Lab, Sluice};

const CLUSTER_ROLES: Kind = Kind("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles");
const SERVICES: Kind = Kind("v1", "Service", "services");

struct Roles {
    above: Things,
    below: Things,
    /// What the copies' names begin and end with.
    target_namespace: String,
    _sluice: Sluice,
    _stage: Stage,
}

impl Roles {
    async fn start(test_name: &str) -> Result<Self> {
        let stage = Stage::with_plugins(Lab::take(test_name).await?, &["cluster-roles"], "")?;
        // The owner of whatever it may own.
        let service = json!({ "metadata": { "name": "my-vcluster" }, "spec": { "ports": [{ "port": 443 }] } });
        stage.below(SERVICES).put(service).await?;
        Ok(Self {
            above: stage.above(CLUSTER_ROLES, ""),
            below: stage.below_in(CLUSTER_ROLES, ""),
            target_namespace: stage.lab.target_namespace.clone(),
            _sluice: stage.start().await?,
            _stage: stage,
        })
    }

    fn copy_name(&self, name: &str) -> String {
        format!("vcluster-{name}-x-{}-x-my-vcluster", self.target_namespace)
    }

    /// Waits until the copy has these rules.
    async fn allows(&self, name: &str, rules: &Value) -> Result<Value> {
        self.below.until(&self.copy_name(name), "has the rules", |copy| copy["rules"] == *rules).await
    }

    /// The names of all copies.
    async fn copies(&self) -> Result<Vec<String>> {
        let ours = format!("-x-{}-x-my-vcluster", self.target_namespace);
        Ok(self.below.names().await?.into_iter().filter(|name| name.ends_with(&ours)).collect())
    }
}

fn rules(verb: &str) -> Value {
    json!([{ "apiGroups": [""], "resources": ["pods"], "verbs": [verb] }])
}

#[tokio::test]
async fn api_a_cluster_role_has_a_copy_with_the_names_of_what_has_no_namespace() -> Result<()> {
    let roles = Roles::start("role_made").await?;
    let metadata = json!({ "name": "reader", "labels": { "release": "a" }, "annotations": { "note": "b" } });
    let role = roles.above.put(json!({ "metadata": metadata, "rules": rules("get") })).await?;
    let mut copy = roles.allows("reader", &rules("get")).await?;

    let name = roles.copy_name("reader");
    assert_eq!(text(&copy, "/metadata/name"), name);
    let managed_by = format!("{}-x-my-vcluster", roles.target_namespace);
    assert_eq!(
        copy["metadata"]["labels"],
        json!({ "vcluster.loft.sh/managed-by": managed_by, "vcluster.loft.sh/label-my-vcluster-x-a4d451ec23": "a" })
    );
    assert_eq!(
        copy["metadata"]["annotations"].take(),
        json!({
            "note": "b",
            "vcluster.loft.sh/managed-annotations": "note",
            "vcluster.loft.sh/object-name": "reader",
            "vcluster.loft.sh/object-uid": role["metadata"]["uid"],
            "vcluster.loft.sh/object-kind": "rbac.authorization.k8s.io/v1, Kind=ClusterRole",
            "vcluster.loft.sh/object-host-name": name,
            "vcluster.loft.sh/object-syncer": "cluster-roles/cluster-roles",
        })
    );
    assert_eq!(copy["metadata"].get("ownerReferences"), None);
    Ok(())
}

#[tokio::test]
async fn api_changes_and_the_end_of_a_cluster_role_flow_down() -> Result<()> {
    let roles = Roles::start("role_flow").await?;
    let aggregated = json!({ "clusterRoleSelectors": [{ "matchLabels": { "release": "a" } }] });
    let role = json!({ "metadata": { "name": "a" }, "aggregationRule": aggregated, "rules": rules("get") });
    roles.above.put(role).await?;
    let first = roles.allows("a", &rules("get")).await?;
    assert_eq!(first.get("aggregationRule"), None, "it would gather roles of the physical cluster");

    let labels = json!({ "metadata": { "labels": { "team": "a" } }, "rules": rules("list") });
    roles.above.change("a", labels).await?;
    let changed = roles.allows("a", &rules("list")).await?;
    assert_eq!(text(&changed, "/metadata/labels/team"), "a");
    assert_eq!(changed["metadata"]["uid"], first["metadata"]["uid"], "it is changed, not replaced");

    roles.above.change("a", json!({ "rules": null })).await?;
    roles.allows("a", &Value::Null).await?;
    roles.above.delete("a").await?;
    roles.below.goes(&roles.copy_name("a")).await
}

#[tokio::test]
async fn api_drift_of_a_cluster_role_is_healed() -> Result<()> {
    let roles = Roles::start("role_drift").await?;
    roles.above.put(json!({ "metadata": { "name": "a" }, "rules": rules("get") })).await?;
    let copy = roles.allows("a", &rules("get")).await?;
    let (name, uid) = (roles.copy_name("a"), copy["metadata"]["uid"].clone());
    for drift in [
        json!({ "rules": rules("delete") }),
        json!({ "rules": null }),
        json!({ "metadata": { "labels": { "vcluster.loft.sh/managed-by": null } } }),
        json!({ "metadata": { "annotations": { "vcluster.loft.sh/object-name": "forged" } } }),
        json!({ "metadata": { "annotations": null } }),
    ] {
        roles.below.change(&name, drift).await?;
        let whole =
            |now: &Value| now["rules"] == copy["rules"] && now["metadata"]["labels"] == copy["metadata"]["labels"];
        let healed =
            roles.below.until(&name, "is healed", |now| whole(now) && marker(now, "object-name") == "a").await?;
        assert_eq!(healed["metadata"]["annotations"], copy["metadata"]["annotations"]);
        assert_eq!(healed["metadata"]["uid"], uid, "it is changed, not replaced");
    }
    roles.below.delete(&name).await?;
    roles.below.until(&name, "is made again", |again| again["metadata"]["uid"] != uid).await?;
    Ok(())
}

#[tokio::test]
async fn api_only_what_kubernetes_does_not_make_itself_has_a_copy() -> Result<()> {
    let roles = Roles::start("role_own").await?;
    roles.above.put(json!({ "metadata": { "name": "a" }, "rules": rules("get") })).await?;
    roles.above.put(json!({ "metadata": { "name": "b" }, "rules": rules("get") })).await?;
    for name in ["a", "b"] {
        roles.allows(name, &rules("get")).await?;
    }
    let mut copies = roles.copies().await?;
    copies.sort_unstable();
    assert_eq!(copies, ["a", "b"].map(|name| roles.copy_name(name)), "Kubernetes' own are among them");

    // What it takes over has no copy any more.
    let label = |value: Value| json!({ "metadata": { "labels": { "kubernetes.io/bootstrapping": value } } });
    roles.above.change("a", label("rbac-defaults".into())).await?;
    roles.below.goes(&roles.copy_name("a")).await?;
    roles.above.change("a", label(Value::Null)).await?;
    roles.allows("a", &rules("get")).await?;
    assert_eq!(roles.copies().await?.len(), 2);
    Ok(())
}
