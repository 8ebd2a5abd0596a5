//! How the runtime does not start.

use super::Stage;
use anyhow::{Context, Result, ensure};
use sluice_tests::{Sluice, eventually};

/// Starts the runtime, which has to give up, and returns what it says: its last words, after `error: `.
pub(crate) async fn refusal(stage: &Stage) -> Result<String> {
    gives_up(stage.launch()?).await
}

/// The last words of a runtime that has to give up.
pub(crate) async fn gives_up(mut sluice: Sluice) -> Result<String> {
    let status = eventually("sluice gives up", async || sluice.ended().ok().flatten()).await?;
    ensure!(status.code() == Some(1), "it ended with {status}");
    let said = sluice.stderr.all().join("\n");
    let (_, said) = said.split_once("error: ").with_context(|| said.clone())?;
    Ok(said.to_owned())
}
