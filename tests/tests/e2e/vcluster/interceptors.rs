//! Requests that vCluster sends to plugins.

use super::program::VCluster;
use crate::support::Stage;
use anyhow::Result;
use serde_json::{Value, json};
use sluice_tests::Lab;

const CONFIG: &str = "
plugins:
  pod-interceptor:
    interceptors:
    - { apiGroups: ['*'], resources: [pods], resourceNames: ['*'], verbs: [get] }
";

/// The only one that has interceptors: their port is always the same.
#[tokio::test]
async fn vcluster_sends_requests_to_interceptors() -> Result<()> {
    let stage = Stage::with_plugins(Lab::take("vcluster_intercept").await?, &["pod-interceptor"], CONFIG)?;
    let mut vcluster = VCluster::run(&stage)?;
    vcluster.start(&stage, json!({})).await?;
    let line = vcluster.wait_for_line("interceptors listen").await?;
    assert!(line.contains("address=127.0.0.1:13370"), "{line}");
    // It leads nowhere, and answers.
    let mut get = async |path: &str| vcluster.does(json!({ "do": "request", "method": "GET", "path": path })).await;
    let answer = get("/api/v1/namespaces/test/pods/stuff").await?;
    let pod: Value = serde_json::from_str(answer["body"].as_str().unwrap_or_default())?;
    assert_eq!((&answer["status"], &pod["metadata"]["name"]), (&200.into(), &"definitelynotstuff".into()));
    // The rest is for the API server.
    for path in ["/api/v1/namespaces/test/secrets/stuff", "/api/v1/namespaces/test/pods", "/healthz"] {
        assert_eq!(get(path).await?["status"], 421, "{path}");
    }
    Ok(())
}
