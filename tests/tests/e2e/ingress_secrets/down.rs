//! What happens while the runtime is down.

use super::{INGRESSES, barrier, copy_name, ingress, secret, stage, used_by};
use crate::support::{Stage, calls, stop, things::SECRETS, writes};
use anyhow::Result;
use serde_json::json;
use sluice_tests::plane::AuditMark;

#[tokio::test]
async fn api_a_copy_whose_ingress_went_while_the_runtime_was_down_goes_at_its_start() -> Result<()> {
    let stage = stage("ingress_down").await?;
    let sluice = stage.start().await?;
    let (ingresses, secrets, below) =
        (stage.above(INGRESSES, "default"), stage.above(SECRETS, "default"), stage.below(SECRETS));
    for name in ["goes", "comes", "stays"] {
        secrets.put(secret(name)).await?;
    }
    let [goes, comes, stays] = ["goes", "comes", "stays"].map(|name| copy_name(name, "default"));
    for (name, secrets) in [("one", &["goes", "stays"][..]), ("two", &["stays"])] {
        ingresses.put(ingress(name, secrets)).await?;
    }
    below.appears(&goes).await?;
    below.until(&stays, "is used by both", |copy| used_by(copy) == "default/one, default/two").await?;
    barrier(&stage).await?;

    let mark = stage.lab.physical_plane.audit_mark();
    stop(sluice).await?;
    ingresses.delete("one").await?;
    ingresses.put(ingress("three", &["comes"])).await?;
    let sluice = stage.start().await?;
    below.goes(&goes).await?;
    below.appears(&comes).await?;
    below.until(&stays, "is used by one", |copy| used_by(copy) == "default/two").await?;
    barrier(&stage).await?;
    assert_eq!(
        written(&stage, mark)?,
        [("create", &*comes), ("delete", &goes), ("patch", &stays)].map(|(verb, name)| format!("{verb} {name}"))
    );
    assert_eq!(calls(&sluice, "default/stays"), ["sync"]);
    secrets.appears("goes").await?;
    Ok(())
}

#[tokio::test]
async fn api_secrets_of_ingresses_at_rest_cost_no_write() -> Result<()> {
    let stage = stage("quiet_ingress").await?;
    let sluice = stage.start().await?;
    let (ingresses, secrets, below) =
        (stage.above(INGRESSES, "default"), stage.above(SECRETS, "default"), stage.below(SECRETS));
    let mark = stage.lab.physical_plane.audit_mark();
    let above = stage.lab.virtual_plane.audit_mark();
    let copy = copy_name("tls", "default");
    secrets.put(secret("tls")).await?;
    ingresses.put(ingress("shop", &["tls"])).await?;
    below.appears(&copy).await?;
    barrier(&stage).await?;
    assert_eq!(written(&stage, mark)?, [format!("create {copy}")]);
    assert_eq!(calls(&sluice, "default/tls"), ["sync-down"]);

    // An Ingress that changes has its Secret looked at, and finds nothing to write. Others do not.
    let mark = stage.lab.physical_plane.audit_mark();
    ingresses.change("shop", json!({ "metadata": { "labels": { "team": "a" } } })).await?;
    ingresses.put(ingress("plain", &[])).await?;
    barrier(&stage).await?;
    assert_eq!(calls(&sluice, "default/tls"), ["sync-down", "sync"]);
    stop(sluice).await?;
    let sluice = stage.start().await?;
    barrier(&stage).await?;
    assert_eq!(calls(&sluice, "default/tls"), ["sync"]);
    assert_eq!(written(&stage, mark)?, Vec::<String>::new());
    assert_eq!(writes(&stage.asked_above(above)?), []);
    Ok(())
}

/// What was written to Secrets below since the mark, in order of the verbs.
fn written(stage: &Stage, mark: AuditMark) -> Result<Vec<String>> {
    let mut asked = stage.asked_below(mark)?;
    asked.retain(|event| event.resource == "secrets");
    let mut written: Vec<_> = writes(&asked).into_iter().map(|(verb, name)| format!("{verb} {name}")).collect();
    written.sort();
    Ok(written)
}
