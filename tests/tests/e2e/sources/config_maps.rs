//! `sluice plugin bundle`, with a real API server.

use super::{built, larger, plugin};
use crate::cli::Ran;
use anyhow::{Result, ensure};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{Api, ResourceExt, api::PostParams};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sluice_tests::{Lab, folder::Folder};
use std::{fs, path::Path};

/// What `kubectl apply` writes into an annotation, all of it together, may not be larger.
const ANNOTATIONS: usize = 256 << 10;

/// The ConfigMaps that `sluice plugin bundle` prints.
pub(super) fn bundle(file: &Path, args: &[&str]) -> Result<Vec<ConfigMap>> {
    let ran = plugin(&[&["bundle", &file.display().to_string()], args].concat())?;
    ensure!(ran.code == 0 && ran.stderr.is_empty(), "{}", ran.stderr);
    Ok(serde_saphyr::from_multiple(&ran.stdout)?)
}

#[tokio::test]
async fn api_what_is_bundled_is_small_enough_to_be_applied() -> Result<()> {
    let lab = Lab::take("bundle").await?;
    let folder = Folder::new("sluice-bundle-")?;
    let (file, bytes) = built("configmaps")?;
    let large = folder.path().join("with_under_scores.wasm");
    fs::write(&large, larger(bytes.clone(), 3_000_000, 1))?;
    for (file, name, least) in [(&file, "configmaps", 1), (&large, "with-under-scores", 17)] {
        let parts = bundle(file, &["--namespace", &lab.target_namespace])?;
        ensure!(parts.len() >= least, "{} parts", parts.len());
        let whole = format!("{:x}", Sha256::digest(fs::read(file)?));
        for (at, part) in parts.iter().enumerate() {
            let applied = serde_json::to_string(part)?;
            ensure!(applied.len() < ANNOTATIONS, "{} bytes", applied.len());
            assert_eq!(part.labels()["sluice.dev/plugin"], name);
            assert_eq!(part.annotations()["sluice.dev/part"], format!("{}/{}", at + 1, parts.len()));
            assert_eq!(part.annotations()["sluice.dev/sha256"], whole);
            // As `kubectl apply` sends it.
            let mut part = part.clone();
            part.annotations_mut().insert("kubectl.kubernetes.io/last-applied-configuration".into(), applied);
            let maps: Api<ConfigMap> = Api::namespaced(lab.physical_client.clone(), &lab.target_namespace);
            maps.create(&PostParams::default(), &part).await?;
        }
    }
    Ok(())
}

#[test]
fn cli_bundle_says_what_it_cannot_bundle() -> Result<()> {
    let folder = Folder::new("sluice-bundle-")?;
    let file = folder.path().join("Wrong.wasm");
    fs::write(&file, "wrong")?;
    let path = file.display().to_string();
    let name =
        format!("{path}: \"Wrong\" is no plugin's name; use lower-case letters, digits and hyphens within, at most 63");
    assert_eq!(plugin(&["bundle", &path])?, Ran::failed(&name));
    let none = format!("{path}: it does not begin as a component does; build the plugin for wasm32-wasip2");
    assert_eq!(plugin(&["bundle", &path, "--name", "right"])?, Ran::failed(&none));
    let missing = folder.path().join("missing.wasm").display().to_string();
    let said = format!("{missing}: cannot be read: No such file or directory (os error 2); name a plugin's .wasm file");
    assert_eq!(plugin(&["bundle", &missing])?, Ran::failed(&said));
    Ok(())
}

#[test]
fn cli_bundle_names_no_namespace_but_the_one_it_is_given() -> Result<()> {
    let (file, _) = built("configmaps")?;
    let parts = bundle(&file, &["--name", "other"])?;
    assert!(parts.iter().all(|part| part.namespace().is_none() && part.name_any().starts_with("sluice-plugin-other")));
    let path = file.display().to_string();
    let ran = plugin(&["bundle", &path, "-o", "json", "--namespace", "ns"])?;
    let objects = serde_json::Deserializer::from_str(&ran.stdout).into_iter::<Value>();
    for object in objects {
        assert_eq!(object?["metadata"]["namespace"], "ns");
    }
    Ok(())
}
