//! What a plugin wants deleted goes where that was granted and a watch of it shows it; else it stays, and so does all.

use super::siege::Siege;
use crate::support::{
    create_namespace,
    things::{Kind, SECRETS},
};
use anyhow::Result;
use serde_json::json;

const MAPS: Kind = Kind("v1", "ConfigMap", "configmaps");
const CONFIG: &str = "
plugins:
  hostile-deletes:
    grants:
    - { side: virtual, kind: Secret, verbs: [read], namespaces: [default] }
    - { side: virtual, kind: Secret, verbs: [delete], namespaces: [default, public], names: [victim] }
    - { side: virtual, kind: ConfigMap, verbs: [delete], namespaces: [default] }
";

#[tokio::test]
async fn hostile_deletes_take_nothing_of_others() -> Result<()> {
    let siege = Siege::lay_with("hostile-deletes", CONFIG).await?;
    let stage = &siege.stage;
    create_namespace(&stage.lab.virtual_client, "public").await?;
    let victim = || json!({ "metadata": { "name": "victim" } });
    let spared = [
        stage.above(SECRETS, "kube-system"),
        stage.above(SECRETS, "public"),
        stage.above(MAPS, "default"),
        stage.below(SECRETS),
    ];
    let mut before = vec![];
    for things in &spared {
        before.push(things.put(victim()).await?);
    }
    stage.above(SECRETS, "default").put(victim()).await?;
    let below = stage.below(SECRETS);
    for namespace in ["default", "kube-system", "public"] {
        below.appears(&format!("victim-x-{namespace}-x-my-vcluster")).await?;
    }

    for (name, why) in [
        ("system", "delete virtual v1 Secret kube-system/victim, which it is not granted"),
        ("below", &format!("delete physical v1 Secret {}/victim, which", stage.lab.target_namespace)),
        ("kind", "delete virtual v1 ConfigMap default/victim, and no watch of its syncer shows such objects"),
    ] {
        siege.bait(name).await?;
        siege.told_of(&format!("default/{name}"), "refused", why).await?;
    }
    // It may delete that one, and does not see it: there is nothing to be deleted.
    siege.bait("unseen").await?;
    below.appears("unseen-x-default-x-my-vcluster").await?;
    siege.bait("granted").await?;
    below.appears("granted-x-default-x-my-vcluster").await?;
    stage.above(SECRETS, "default").goes("victim").await?;
    below.goes("victim-x-default-x-my-vcluster").await?;
    siege.neighbour_works().await?;

    for (things, before) in spared.iter().zip(before) {
        assert_eq!(things.find("victim").await?, Some(before));
    }
    assert_eq!(siege.secrets_written_above()?, ["delete default/victim"]);
    let mut written = siege.secrets_written()?;
    written.sort();
    let name = |name: &str| format!("{name}-x-my-vcluster");
    let create = |of: &str| ("create".to_owned(), name(of));
    let creates =
        ["granted-x-default", "unseen-x-default", "victim-x-default", "victim-x-kube-system", "victim-x-public"];
    let mut expected: Vec<_> = creates.into_iter().map(create).collect();
    expected.push(("delete".to_owned(), name("victim-x-default")));
    assert_eq!(written, expected);
    let totals = siege.lift().await?;
    let failures = totals("hostile-deletes")?.1;
    assert_eq!(failures, json!({ "refused": failures["refused"].as_u64().filter(|count| *count >= 3) }));
    assert_eq!(totals("configmaps")?.1, json!({}));
    Ok(())
}
