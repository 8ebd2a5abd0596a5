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
    // A call without an answer is told of whenever their number doubles.
    for (name, reason, why) in [
        ("spin", "fuel", "what it said last stays: it used up its 400000000 units of fuel"),
        ("trap", "trap", "it trapped"),
        ("trap-again", "", ""),
        ("many", "keys", "it named 100000 objects at once; the limit is 10000"),
    ] {
        send(name).await?;
        if !reason.is_empty() {
            siege.told_of(&format!("{target}/{name}"), reason, why).await?;
        }
    }
    for (name, place, why) in [
        ("slash", "default/../../kube-system/secrets/stolen", "is no name"),
        ("query", "kube-system/secrets?/stolen", "is no name"),
        ("up", "default/..", "is no name"),
        ("empty", "default/", "is no name"),
        ("long", &format!("default/{}", "a".repeat(300)), "cannot create"),
    ] {
        send(name).await?;
        siege.told_of(place, "rejected", why).await?;
    }
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
