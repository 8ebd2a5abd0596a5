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
    siege.is_told_of_keys("default", "this watch panics", &show).await?;
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
