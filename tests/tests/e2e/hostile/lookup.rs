//! What a plugin looks up is what its syncer watches, and no more than it may hold.

use super::siege::Siege;
use crate::support::things::SECRETS;
use anyhow::{Result, ensure};
use serde_json::json;

const CONFIG: &str = "
plugins:
  hostile-lookup:
    grants:
    - { side: virtual, kind: ConfigMap, verbs: [read] }
    - { side: virtual, kind: Secret, verbs: [read] }
";

#[tokio::test]
async fn hostile_lookup_sees_nothing_else() -> Result<()> {
    let siege = Siege::lay_with("hostile-lookup", CONFIG).await?;
    for (name, reason, why) in [
        ("theirs", "trap", "its syncer has no watch \"theirs\""),
        ("theirs-get", "trap", "its syncer has no watch \"theirs\""),
        ("theirs-concerning", "trap", "its syncer has no watch \"theirs\""),
        ("forever", "reads", "it read or printed more than 64 MiB"),
        ("keep", "trap", "resource table has no free keys"),
    ] {
        let bait = siege.bait(name).await?;
        siege.told_of(&format!("default/{name}"), reason, why).await?;
        let note = siege.warned(&bait).await?.note.unwrap_or_default();
        ensure!(note.starts_with("Error syncing: plugin hostile-lookup failed: ") && note.contains(why), "{note}");
    }
    siege.bait("good").await?;
    siege.stage.below(SECRETS).appears("good-x-default-x-my-vcluster").await?;
    siege.neighbour_works().await?;

    assert_eq!(siege.secrets_written()?, [("create".to_owned(), "good-x-default-x-my-vcluster".to_owned())]);
    assert_eq!(siege.secrets_written_above()?, [""; 0]);
    let totals = siege.lift().await?;
    let (writes, failures) = totals("hostile-lookup")?;
    assert_eq!(writes, json!({ "create": 1 }));
    ensure!(failures["trap"].as_u64() >= Some(4) && failures["reads"].as_u64() >= Some(1), "{failures}");
    assert_eq!(totals("configmaps")?.1, json!({}));
    Ok(())
}
