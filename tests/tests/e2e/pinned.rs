//! Which bytes run: those that the operator named, and what this program compiled of them.

use crate::support::{STARTED, Stage, log, refusal::refusal, stop};
use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use sluice_tests::folder::Folder;
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

fn digest(file: &Path) -> Result<String> {
    Ok(format!("sha256:{:x}", Sha256::digest(fs::read(file)?)))
}

#[tokio::test]
async fn cli_a_plugin_with_another_digest_does_not_start() -> Result<()> {
    let stage = Stage::take("pinned").await?;
    let file = stage.plugin_folder().join("configmaps.wasm");
    let right = digest(&file)?;
    stage.configure(&format!("plugins: {{ configmaps: {{ digest: '{right}' }} }}"))?;
    stop(stage.start().await?).await?;

    // One byte more: a custom section that says nothing.
    let mut bytes = fs::read(&file)?;
    bytes.extend([0, 2, 1, b'x']);
    fs::write(&file, bytes)?;
    let (said, found) = (refusal(&stage).await?, digest(&file)?);
    ensure!(said.contains(&format!("wants digest {right}, and the file's is {found}")), "{said}");
    Ok(())
}

#[tokio::test]
async fn api_what_was_compiled_is_kept_and_what_was_tampered_with_is_compiled_again() -> Result<()> {
    let stage = Stage::take("compiled").await?;
    let folder = Folder::new("sluice-compiled-")?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700))?;
    let path = folder.path().display().to_string();
    let start = async || -> Result<_> {
        let mut sluice = stage.launch_with(&["--compiled", &path])?;
        sluice.wait_for_line(STARTED).await?;
        let told =
            log(&sluice).iter().any(|line| line["message"] == "a compiled plugin is not used: it is compiled again");
        stop(sluice).await?;
        let entry = fs::read_dir(folder.path())?.next().context("nothing is kept")??.path();
        Ok((told, entry.clone(), fs::read(&entry)?))
    };
    let (told, entry, code) = start().await?;
    assert!(!told);
    assert_eq!(start().await?, (false, entry.clone(), code.clone()));

    let mut tampered = code.clone();
    let middle = tampered.len() / 2;
    tampered[middle] ^= 1;
    fs::write(&entry, tampered)?;
    assert_eq!(start().await?, (true, entry, code));

    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o770))?;
    let mut sluice = stage.launch_with(&["--compiled", &path])?;
    let line = sluice.wait_for_line("others can reach it").await?;
    ensure!(line.contains("chmod 700"), "{line}");
    Ok(())
}
