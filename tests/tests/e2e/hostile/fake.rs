//! What a plugin makes for itself is of its kind, under the name that is wanted, and says whose it is.

use super::siege::Siege;
use crate::support::things::{Kind, SECRETS};
use anyhow::Result;
use serde_json::json;

const ACCOUNTS: Kind = Kind("v1", "ServiceAccount", "serviceaccounts");
const CONFIG: &str = "
plugins:
  hostile-fake:
    grants:
    - { side: virtual, kind: ServiceAccount, verbs: [read] }
";

#[tokio::test]
async fn hostile_fake_makes_nothing_else() -> Result<()> {
    let siege = Siege::lay_with("hostile-fake", CONFIG).await?;
    let (accounts, secrets) = (siege.stage.above(ACCOUNTS, "default"), siege.stage.above(SECRETS, "default"));
    let names = ["kind", "nameless", "below", "forged", "good"].map(|name| json!({ "name": name }));
    accounts.put(json!({ "metadata": { "name": "wanting" }, "secrets": names })).await?;
    for (name, why) in [
        ("kind", "its virtual object is a v1 ConfigMap; it should be a v1 Secret"),
        ("nameless", "its virtual object has no metadata.name"),
        ("below", "it asked to update physical v1 Secret default/below, which it is not granted"),
    ] {
        siege.told_of(&format!("default/{name}"), "refused", why).await?;
    }
    secrets.appears("good").await?;
    let made = secrets.appears("forged").await?;
    // What it says of the content counts, what it says of the identity does not.
    assert_eq!(made["data"], json!({ "forged": "eWVz" }));
    let metadata = &made["metadata"];
    assert_eq!((&metadata["name"], &metadata["namespace"]), (&json!("forged"), &json!("default")));
    for field in ["finalizers", "ownerReferences", "labels"] {
        assert!(metadata[field].is_null(), "{made}");
    }
    assert_eq!(
        metadata["annotations"],
        json!({ "mine": "yes", "vcluster.loft.sh/object-syncer": "hostile-fake/fake" })
    );
    assert_ne!(metadata["uid"], "00000000-0000-0000-0000-000000000000");
    siege.neighbour_works().await?;
    accounts.delete("wanting").await?;
    for name in ["below", "forged", "good"] {
        secrets.goes(name).await?;
    }

    let written = ["below", "forged", "good"];
    let all = ["create", "delete"].map(|verb| written.map(|name| format!("{verb} default/{name}"))).concat();
    assert_eq!(siege.secrets_written_above()?, all);
    assert_eq!(siege.secrets_written()?, []);
    let totals = siege.lift().await?;
    let (writes, failures) = totals("hostile-fake")?;
    assert_eq!(writes, json!({ "create": 3, "delete": 3 }));
    assert_eq!(failures, json!({ "refused": failures["refused"].as_u64().filter(|count| *count >= 3) }));
    assert_eq!(totals("configmaps")?.1, json!({}));
    Ok(())
}
