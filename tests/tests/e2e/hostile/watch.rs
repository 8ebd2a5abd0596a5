//! What a plugin says that a watched object concerns is a pair, or none.

use super::siege::Siege;
use crate::support::things::{Kind, SECRETS};
use anyhow::Result;
use serde_json::json;

const MAPS: Kind = Kind("v1", "ConfigMap", "configmaps");
const CONFIG: &str = "
plugins:
  hostile-watch:
    grants:
    - { side: virtual, kind: ConfigMap, verbs: [read], namespaces: [default] }
";

#[tokio::test]
async fn hostile_watch_concerns_nothing_else() -> Result<()> {
    let siege = Siege::lay_with("hostile-watch", CONFIG).await?;
    let (maps, secrets) = (siege.stage.above(MAPS, "default"), siege.stage.above(SECRETS, "default"));
    let show = async |name: &str| maps.put(json!({ "metadata": { "name": name } })).await;
    // A call without an answer is told of whenever their number doubles.
    for (name, reason, why) in [
        ("spin", "fuel", "what it said last stays: it used up its 400000000 units of fuel"),
        ("trap", "trap", "this watch panics"),
        ("trap-again", "", ""),
        ("many", "keys", "it named 100000 objects at once; the limit is 10000"),
    ] {
        show(name).await?;
        if !reason.is_empty() {
            siege.told_of(&format!("default/{name}"), reason, why).await?;
        }
    }
    for (name, pair, why) in [
        ("slash", "default/../../kube-system/secrets/stolen", "is no name"),
        ("query", "kube-system/secrets?/stolen", "is no name"),
        ("up", "default/..", "is no name"),
        ("empty", "default/", "is no name"),
        ("long", &format!("default/{}", "a".repeat(300)), "cannot create"),
    ] {
        show(name).await?;
        siege.told_of(pair, "rejected", why).await?;
    }
    for name in ["nowhere", "all", "system", "good"] {
        show(name).await?;
    }
    secrets.appears("good").await?;
    siege.stage.above(SECRETS, "kube-system").appears("made").await?;
    siege.neighbour_works().await?;
    maps.delete("good").await?;
    secrets.goes("good").await?;

    // The one in kube-system is the plugin's to make, as any place of the virtual cluster is; nothing else came of it.
    let written = ["create default/good", "create kube-system/made", "delete default/good"];
    assert_eq!(siege.secrets_written_above()?, written);
    assert_eq!(siege.secrets_written()?, []);
    let totals = siege.lift().await?;
    let (writes, failures) = totals("hostile-watch")?;
    assert_eq!(writes, json!({ "create": 2, "delete": 1 }));
    assert_eq!(
        (&failures["fuel"], &failures["trap"], &failures["keys"]),
        (&json!(1), &json!(2), &json!(1)),
        "{failures}"
    );
    assert_eq!(totals("configmaps")?.1, json!({}));
    Ok(())
}
