//! Kinds that are copied up.

use super::{labelled, stage};
use crate::support::{
    create_namespace,
    things::{Kind, NAMESPACES, marker},
};
use anyhow::Result;
use serde_json::json;

#[tokio::test]
async fn api_a_listed_kind_is_copied_up_by_a_table_of_names() -> Result<()> {
    const PLANS: Kind = Kind("up.example.com/v1", "Plan", "plans");
    let target = |name: &str| {
        format!(
            "
plugins:
  custom-resources:
    config:
      resources:
      - apiVersion: up.example.com/v1
        kind: Plan
        crd: plans.up.example.com
        direction: up
        status: true
        names: {{ map: {{ '/one': 'default/first', '{name}/*': 'default/*' }} }}
        patches:
        - path: /spec/owner
          expression: object.metadata.namespace
    grants:
    - {{ side: virtual, group: apiextensions.k8s.io, kind: CustomResourceDefinition, verbs: [create, update] }}
    - {{ side: physical, group: apiextensions.k8s.io, kind: CustomResourceDefinition, verbs: [create, update] }}
    - {{ side: physical, group: up.example.com, kind: Plan, verbs: [read], namespaces: [{name}] }}
"
        )
    };
    let stage = stage("cr_up", PLANS, "Namespaced", false, "").await?;
    let elsewhere = format!("{}-elsewhere", stage.lab.target_namespace);
    create_namespace(&stage.lab.physical_client, &elsewhere).await?;
    stage.configure(&target(&elsewhere))?;
    let (below, far) = (stage.below(PLANS), stage.below_in(PLANS, &elsewhere));
    below.put(labelled("one", json!({ "size": 1 }))).await?;
    below.put(labelled("unnamed", json!({}))).await?;
    far.put(labelled("two", json!({ "size": 2 }))).await?;
    let _sluice = stage.start().await?;

    let above = stage.above(PLANS, "default");
    let first = above.appears("first").await?;
    assert_eq!(first["spec"], json!({ "size": 1, "owner": stage.lab.target_namespace }));
    assert_eq!((marker(&first, "object-imported"), marker(&first, "object-host-name")), ("true", "one"));
    let two = above.appears("two").await?;
    assert_eq!(two["spec"], json!({ "size": 2, "owner": elsewhere }));
    below.change_status("one", json!({ "status": { "phase": "Ready" } })).await?;
    above.until("first", "has its status", |plan| plan["status"] == json!({ "phase": "Ready" })).await?;
    far.change("two", json!({ "spec": { "size": 3 } })).await?;
    above.until("two", "follows", |plan| plan["spec"]["size"] == 3).await?;
    // What a tenant changes is put right, what a tenant deletes comes back.
    above.change("two", json!({ "spec": { "size": 4 } })).await?;
    above.until("two", "is put right", |plan| plan["spec"]["size"] == 3).await?;
    above.delete("first").await?;
    above.appears("first").await?;
    far.delete("two").await?;
    above.goes("two").await?;
    assert_eq!(above.names().await?, ["first"]);
    stage.below_in(NAMESPACES, "").delete(&elsewhere).await
}
