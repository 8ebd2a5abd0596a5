//! Where a plugin says that objects go is a place for an object, or none.

use super::siege::Siege;
use crate::support::things::SECRETS;
use anyhow::Result;
use serde_json::json;

#[tokio::test]
async fn hostile_mapping_leads_nowhere_else() -> Result<()> {
    let siege = Siege::lay("hostile-mapping").await?;
    let (above, below) = (siege.stage.above(SECRETS, "default"), siege.stage.below(SECRETS));
    let send = async |name: &str| below.put(json!({ "metadata": { "name": name } })).await;
    let target = siege.stage.lab.target_namespace.clone();
    siege.is_told_of_keys(&target, "it trapped", &send).await?;
    for name in ["nowhere", "system", "good"] {
        send(name).await?;
    }
    above.appears("good").await?;
    siege.stage.above(SECRETS, "kube-system").appears("brought").await?;
    siege.neighbour_works().await?;

    // The one in kube-system is the plugin's to bring up, as any place of the virtual cluster is; nothing else came of it.
    assert_eq!(siege.secrets_written_above()?, ["create default/good", "create kube-system/brought"]);
    assert_eq!(siege.secrets_written()?, []);
    let totals = siege.lift().await?;
    let (writes, failures) = totals("hostile-mapping")?;
    assert_eq!(writes, json!({ "create": 2 }));
    assert_eq!(
        (&failures["fuel"], &failures["trap"], &failures["keys"]),
        (&json!(1), &json!(2), &json!(1)),
        "{failures}"
    );
    assert_eq!(totals("configmaps")?.1, json!({}));
    Ok(())
}
