//! A hook that fails in whatever way denies: nothing of others is written past it, and nothing else than they wrote.

use crate::support::{Stage, things::SECRETS};
use anyhow::Result;
use serde_json::json;
use sluice_tests::Lab;

#[tokio::test]
async fn hostile_hook_denies_whatever_it_does() -> Result<()> {
    let lab = Lab::take("hook_hostile").await?;
    let config = "
plugins:
  custom-resources:
    config:
      resources:
      - { apiVersion: v1, kind: Secret, direction: down, select: { namespaces: [default] } }
  hostile-hook:
    grants:
    - { side: physical, kind: Secret, verbs: [hook] }
";
    let stage = Stage::with_plugins(lab, &["custom-resources", "hostile-hook"], config)?;
    let mut sluice = stage.start().await?;
    let (above, below) = (stage.above(SECRETS, "default"), stage.below(SECRETS));
    for (way, told) in [
        ("spin", "used up its 400000000 units of fuel"),
        ("panic", "the hook \"review\" of plugin hostile-hook failed"),
        ("deny", "plugin hostile-hook denies it: "),
        ("name", "is another one than it was given"),
        ("namespace", "is another one than it was given"),
        ("kind", "is a v1 ConfigMap; it should be a v1 Secret"),
        ("markers", "is another one than it was given"),
        ("owner", "is another one than it was given"),
        ("finalizer", "is another one than it was given"),
        // What is no Secret any more the API server refuses.
        ("type", "cannot create"),
    ] {
        let annotations = json!({ "way": way });
        let object = above.put(json!({ "metadata": { "name": way, "annotations": annotations } })).await?;
        stage.told_that(&object, told).await?;
        assert_eq!(below.find(&format!("{way}-x-default-x-my-vcluster")).await?, None, "{way}");
    }
    // A change is denied as a creation is, and so is a deletion; what stands stays as it is.
    above.put(json!({ "metadata": { "name": "good" }, "stringData": { "a": "1" } })).await?;
    let copy = below.appears("good-x-default-x-my-vcluster").await?;
    let change = json!({ "metadata": { "annotations": { "way": "panic" } }, "stringData": { "a": "2" } });
    let object = above.change("good", change).await?;
    stage.told_that(&object, "the hook \"review\" of plugin hostile-hook failed").await?;
    let now = below.appears("good-x-default-x-my-vcluster").await?;
    assert_eq!(now["metadata"]["resourceVersion"], copy["metadata"]["resourceVersion"]);
    above.change("good", json!({ "metadata": { "annotations": null } })).await?;
    below.until("good-x-default-x-my-vcluster", "follows", |secret| secret["data"]["a"] == "Mg==").await?;
    assert_eq!(sluice.ended()?, None);
    Ok(())
}
