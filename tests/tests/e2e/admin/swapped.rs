use super::Admin;
use crate::support::{STARTED, Stage, blue};
use anyhow::{Error, Result, ensure};
use sluice_tests::{Lab, eventually};
use std::fs;

const GRANTS: &str = "plugins: { configmaps: { grants: [{ side: virtual, kind: ConfigMap, verbs: [sync] }] } }";

#[tokio::test]
async fn api_swaps_are_counted_by_what_became_of_them() -> Result<()> {
    let stage = Stage::with_plugins(Lab::take("admin_swapped").await?, &["configmaps"], GRANTS)?;
    let mut sluice = stage.launch_as_is(&[])?;
    sluice.wait_for_line(STARTED).await?;
    let admin = Admin::of(&mut sluice).await?;
    let before = admin.plugin("configmaps").await?;
    ensure!(before["origin"].as_str().is_some_and(|origin| origin.ends_with("configmaps.wasm")), "{before}");
    let (file, partial) =
        (stage.plugin_folder().join("configmaps.wasm"), stage.plugin_folder().join(".configmaps.wasm"));
    let put = |bytes: &[u8]| fs::write(&partial, bytes).and_then(|()| fs::rename(&partial, &file));
    let swaps = async |result: &str| {
        let labels = [r#"plugin="configmaps""#, &format!("result=\"{result}\"")];
        Ok::<_, Error>(admin.metrics().await?.sum("sluice_plugin_swaps_total", &labels))
    };
    assert_eq!((swaps("swapped").await?, swaps("refused").await?), (0.0, 0.0));

    // One custom section more, which says nothing: other bytes, that do the same.
    put(&[&fs::read(&file)?[..], &[0, 2, 1, b'x']].concat())?;
    eventually("it is swapped", async || Ok::<_, Error>(swaps("swapped").await? == 1.0)).await?;
    eventually("the new one runs", async || -> Result<()> {
        let after = admin.plugin("configmaps").await?;
        ensure!(after["digest"] != before["digest"] && after["state"]["is"] == "running", "{after}");
        Ok(())
    })
    .await?;
    put(b"nonsense")?;
    eventually("the next is refused", async || Ok::<_, Error>(swaps("refused").await? >= 1.0)).await?;
    let plugin = admin.plugin("configmaps").await?;
    ensure!(plugin["state"]["is"] == "running" && !plugin["refused"].is_null(), "{plugin}");
    assert_eq!(admin.metrics().await?.sum("sluice_plugin_failed", &[r#"plugin="configmaps""#]), 1.0);
    stage.pair(blue("a")).await?;
    // Without a component there is no plugin, and nothing is said of it any more.
    fs::remove_file(&file)?;
    eventually("it is gone", async || Ok::<_, Error>(admin.plugin("configmaps").await?.is_null())).await?;
    let metrics = admin.metrics().await?;
    ensure!(!metrics.text.contains("configmaps"), "{}", metrics.text);
    Ok(())
}
