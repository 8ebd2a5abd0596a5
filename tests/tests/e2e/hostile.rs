//! A hostile plugin beside the tutorial's, in one runtime: it harms nobody but itself.

mod amounts;
mod answers;
mod deletes;
mod fake;
mod hook;
mod imports;
mod intercept;
mod keys;
mod lookup;
mod mapping;
mod moods;
mod nonsense;
mod places;
mod siege;
mod starting;
mod tattle;
mod watch;

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::core::v1::Secret;
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams, PostParams},
};
use serde_json::{Value, json};
use siege::Siege;
use sluice_tests::eventually;
use std::{fs, path::Path};

/// Enough for a plugin to be busy for as long as the neighbour is watched.
const BAITS: usize = 16;

/// A plugin that fails whatever it is given: its failure is counted and told, and that is all that comes of it.
async fn fails_alone(plugin: &str, reason: &str, fault: &str) -> Result<()> {
    let mut siege = Siege::lay(plugin).await?;
    let bait = siege.bait("bait").await?;
    let event = siege.warned(&bait).await?;
    assert_eq!((event.reason.as_deref(), event.action.as_deref()), (Some("SyncError"), Some("SyncSecret")));
    assert_eq!(event.note, Some(format!("Error syncing: plugin {plugin} failed: {fault}")));

    for count in 0..BAITS {
        siege.bait(&format!("bait-{count}")).await?;
    }
    siege.neighbour_works().await?;
    let told = siege.sluice.wait_for_line("default/bait-0").await?;
    let told: Value = serde_json::from_str(&told)?;
    assert_eq!((&told["level"], &told["reason"]), (&json!("WARN"), &json!(reason)));

    assert_eq!(siege.secrets_written()?, []);
    assert_eq!(siege.physical_secrets().list(&ListParams::default()).await?.items, []);
    let totals = siege.lift().await?;
    let (writes, mut failures) = totals(plugin)?;
    assert_eq!(writes, json!({}));
    // On a quick machine it has failed often enough by now to be set aside.
    failures.as_object_mut().map(|failures| failures.remove("quarantined"));
    let count = failures[reason].as_u64().unwrap_or_default();
    assert!(count > 1, "{failures}");
    assert_eq!(failures, json!({ reason: count }));
    // One of its copies is of what every API server has, kube-system/extension-apiserver-authentication.
    assert_eq!(totals("configmaps")?, (json!({ "create": 2, "patch": 1, "delete": 1 }), json!({})));
    Ok(())
}

#[tokio::test]
async fn hostile_spin_harms_only_itself() -> Result<()> {
    let fault = "it used up its 400000000 units of fuel, as a loop without an end would";
    fails_alone("hostile-spin", "fuel", fault).await
}

#[tokio::test]
async fn hostile_memory_harms_only_itself() -> Result<()> {
    fails_alone("hostile-memory", "memory", "it wanted more than its 64 MiB of memory").await
}

#[tokio::test]
async fn hostile_trap_harms_only_itself() -> Result<()> {
    // What it says as it panics is withheld, as it was shown a Secret.
    let fault = "it trapped: wasm trap: wasm `unreachable` instruction executed";
    fails_alone("hostile-trap", "trap", fault).await
}

#[tokio::test]
async fn hostile_forge_deceives_nobody() -> Result<()> {
    let mut siege = Siege::lay("hostile-forge").await?;
    let lab = &siege.stage.lab;
    let (name, target) = (format!("bait-x-default-x-{}", lab.name), lab.target_namespace.clone());
    // Somebody else's, under the name and in the namespace that it forges; and one where it may write.
    let foreign: Secret = serde_json::from_value(json!({ "metadata": { "name": "forged" } }))?;
    let foreign = siege.physical_secrets().create(&PostParams::default(), &foreign).await?;
    let bait = siege.bait("bait").await?;
    let copy = eventually("there is a copy", async || siege.physical_secrets().get_opt(&name).await).await?;

    // What it says of the content counts, what it says of the identity does not.
    assert_eq!(json!(copy.data), json!({ "forged": "eWVz" }));
    assert_eq!((copy.owner_references(), copy.finalizers()), (&[][..], &[][..]));
    assert_ne!(copy.uid().as_deref(), Some("00000000-0000-0000-0000-000000000000"));
    let labels = json!({ "vcluster.loft.sh/managed-by": lab.name, "vcluster.loft.sh/namespace": "default" });
    assert_eq!(json!(copy.labels()), labels);
    let annotations = json!({
        "vcluster.loft.sh/object-name": "bait",
        "vcluster.loft.sh/object-namespace": "default",
        "vcluster.loft.sh/object-uid": bait.uid(),
        "vcluster.loft.sh/object-kind": "/v1, Kind=Secret",
        "vcluster.loft.sh/object-host-name": name,
        "vcluster.loft.sh/object-host-namespace": target,
        "vcluster.loft.sh/object-syncer": "hostile-forge/forge",
    });
    assert_eq!(json!(copy.annotations()), annotations);

    // Once the virtual object is gone there is nothing left that it could ask for but that the copy goes.
    siege.virtual_secrets().delete("bait", &DeleteParams::default()).await?;
    siege.neighbour_works().await?;
    let told: Value = serde_json::from_str(&siege.sluice.wait_for_line("is refused").await?)?;
    assert_eq!((&told["level"], &told["reason"]), (&json!("WARN"), &json!("refused")));
    let text = told["message"].as_str().unwrap_or_default();
    assert!(text.starts_with("the answer of plugin hostile-forge is refused: "), "{text}");

    assert_eq!(siege.secrets_written()?, [("create".to_owned(), name)]);
    assert_eq!(siege.physical_secrets().get("forged").await?.resource_version(), foreign.resource_version());
    let system: Api<Secret> = Api::namespaced(siege.stage.lab.physical_client.clone(), "kube-system");
    assert_eq!(system.list(&ListParams::default()).await?.items, []);
    let totals = siege.lift().await?;
    let (writes, failures) = totals("hostile-forge")?;
    assert_eq!(writes, json!({ "create": 1 }));
    assert_eq!(failures, json!({ "refused": failures["refused"].as_u64().context("it was not refused")? }));
    assert_eq!(totals("configmaps")?.1, json!({}));
    Ok(())
}

/// A test of a hostile plugin is called after it, here or in the sandbox.
#[test]
fn hostile_plugins_have_tests() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = vec![root.join("tests/tests/e2e/hostile.rs"), root.join("host/sandbox/src/tests/guests.rs")];
    for file in fs::read_dir(root.join("tests/tests/e2e/hostile"))? {
        files.push(file?.path());
    }
    let tests: Vec<_> = files.iter().map(fs::read_to_string).collect();
    let mut count = 0;
    for plugin in fs::read_dir(root.join("plugins/hostile"))? {
        let name = plugin?.file_name().to_string_lossy().replace('-', "_");
        let test = format!("fn hostile_{name}_");
        ensure!(tests.iter().flatten().any(|tests| tests.contains(&test)), "plugins/hostile/{name} has no test");
        count += 1;
    }
    ensure!(count >= 36, "there are only {count} hostile plugins");
    Ok(())
}
