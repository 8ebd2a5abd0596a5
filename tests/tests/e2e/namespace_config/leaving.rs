//! Namespaces that are deleted. No namespace controller runs here, so that they are going until the test ends them.

use super::{CONFIG_MAPS, barrier, config, stage, stands_in, written};
use crate::support::{Stage, create_namespace, stop, things::NAMESPACES};
use anyhow::Result;
use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, api::PostParams};
use serde_json::json;
use sluice_tests::plane::AuditMark;

#[tokio::test]
async fn api_a_namespace_that_is_going_is_cleared_and_not_written_to_any_more() -> Result<()> {
    let stage = stage("leaving").await?;
    let mut sluice = stage.start().await?;
    let below = stage.below(CONFIG_MAPS);
    create_namespace(&stage.lab.virtual_client, "leaving").await?;
    below.put(config("rules", "blue")).await?;
    stands_in(&stage, "rules", &["default", "leaving"], "blue").await?;
    barrier(&stage).await?;

    let mark = stage.lab.virtual_plane.audit_mark();
    stage.above(NAMESPACES, "").delete("leaving").await?;
    stands_in(&stage, "rules", &["default"], "blue").await?;
    below.change("rules", json!({ "data": { "colour": "red" } })).await?;
    below.put(config("more", "red")).await?;
    for name in ["rules", "more"] {
        stands_in(&stage, name, &["default"], "red").await?;
    }
    barrier(&stage).await?;
    assert_eq!(into_leaving(&stage, mark)?, ["delete leaving/rules"]);
    sluice.terminate().await?;
    let mut sluice = stage.start().await?;
    barrier(&stage).await?;
    assert_eq!(into_leaving(&stage, mark)?, ["delete leaving/rules"]);

    // One that is made again under its name is one like all others, also to what never saw it go.
    sluice.signal("STOP")?;
    finalize(&stage).await?;
    create_namespace(&stage.lab.virtual_client, "leaving").await?;
    sluice.signal("CONT")?;
    for name in ["rules", "more"] {
        stands_in(&stage, name, &["default", "leaving"], "red").await?;
    }
    Ok(())
}

#[tokio::test]
async fn api_a_namespace_that_goes_unseen_is_tried_a_few_times_at_most() -> Result<()> {
    let stage = stage("leaving_unseen").await?;
    let mut sluice = stage.start().await?;
    let below = stage.below(CONFIG_MAPS);
    create_namespace(&stage.lab.virtual_client, "leaving").await?;
    below.put(config("first", "blue")).await?;
    stands_in(&stage, "first", &["default", "leaving"], "blue").await?;
    barrier(&stage).await?;

    // Which of both it hears of first is chance.
    let mark = stage.lab.virtual_plane.audit_mark();
    sluice.signal("STOP")?;
    below.put(config("second", "blue")).await?;
    stage.above(NAMESPACES, "").delete("leaving").await?;
    sluice.signal("CONT")?;
    for name in ["first", "second"] {
        stands_in(&stage, name, &["default"], "blue").await?;
    }
    barrier(&stage).await?;
    let tried = into_leaving(&stage, mark)?;
    let creates = tried.iter().filter(|write| *write == "create leaving/second").count();
    assert!(creates <= 3 && tried.len() == creates + 1, "{tried:?}");
    for _ in 0..3 {
        barrier(&stage).await?;
    }
    assert_eq!(into_leaving(&stage, mark)?, tried, "it goes on");
    let totals = stop(sluice).await?;
    let failures = totals["failures"].as_str().unwrap_or_default();
    assert!((0..=3).any(|count| failures == format!("{{\"rejected\": {count}}}")) || failures == "{}", "{totals}");
    Ok(())
}

/// What was written to the namespace that is going, but for barriers.
fn into_leaving(stage: &Stage, mark: AuditMark) -> Result<Vec<String>> {
    let mut written = written(stage, mark)?;
    written.retain(|write| write.contains(" leaving/"));
    Ok(written)
}

/// The namespace controller's part: nothing is left in it, so it ends.
async fn finalize(stage: &Stage) -> Result<()> {
    let namespaces: Api<Namespace> = Api::all(stage.lab.virtual_client.clone());
    let mut going = namespaces.get("leaving").await?;
    if let Some(spec) = &mut going.spec {
        spec.finalizers = None;
    }
    namespaces.replace_subresource("finalize", "leaving", &PostParams::default(), &going).await?;
    Ok(())
}
