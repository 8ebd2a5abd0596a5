//! Keys of objects that a plugin names where it should not, or too many of them.

use super::siege::Siege;
use anyhow::Result;
use serde_json::Value;

impl Siege {
    /// Shows the plugin objects of this namespace by whose names it spins, traps and names keys; each is told of. `trap`:
    /// what is told of a trap.
    pub(super) async fn is_told_of_keys(
        &self,
        namespace: &str,
        trap: &str,
        show: impl AsyncFn(&str) -> Result<Value>,
    ) -> Result<()> {
        // A call without an answer is told of whenever their number doubles.
        for (name, reason, why) in [
            ("spin", "fuel", "what it said last stays: it used up its 400000000 units of fuel"),
            ("trap", "trap", trap),
            ("trap-again", "", ""),
            ("many", "keys", "it named 100000 objects at once; the limit is 10000"),
        ] {
            show(name).await?;
            if !reason.is_empty() {
                self.told_of(&format!("{namespace}/{name}"), reason, why).await?;
            }
        }
        for (name, key, why) in [
            ("slash", "default/../../kube-system/secrets/stolen", "is no name"),
            ("query", "kube-system/secrets?/stolen", "is no name"),
            ("up", "default/..", "is no name"),
            ("empty", "default/", "is no name"),
            ("long", &format!("default/{}", "a".repeat(300)), "cannot create"),
        ] {
            show(name).await?;
            self.told_of(key, "rejected", why).await?;
        }
        Ok(())
    }
}
