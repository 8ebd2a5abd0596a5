//! A config that does not fit is told before anything starts.

use super::{GRANTS, stage};
use crate::support::refusal::refusal;
use anyhow::Result;

#[tokio::test]
async fn cli_a_config_that_does_not_fit_gets_one_message() -> Result<()> {
    let stage = stage("config", &["bootstrap"]).await?;
    for (config, said) in [
        ("{ replicas: many }", "config.replicas: "),
        ("{ replicas: -1 }", "config.replicas: "),
        ("{ replica: 1 }", "config.replica: "),
        ("[1]", "config: "),
    ] {
        stage.configure(&format!("{GRANTS}\n    config: {config}"))?;
        let message = refusal(&stage).await?;
        assert!(message.contains("the config of plugin \"bootstrap\" does not fit: "), "{message}");
        assert!(message.contains(said) && message.lines().count() == 1, "{message}");
    }
    Ok(())
}

#[tokio::test]
async fn cli_a_config_that_lacks_something_gets_one_message() -> Result<()> {
    let stage = stage("config_lacks", &["custom-resources"]).await?;
    stage.configure("")?;
    let message = refusal(&stage).await?;
    assert!(message.contains("the config of plugin \"custom-resources\" does not fit: config"), "{message}");
    assert!(message.contains("resources") && message.lines().count() == 1, "{message}");
    Ok(())
}

#[tokio::test]
async fn cli_a_config_for_a_plugin_that_is_not_there_is_only_a_warning() -> Result<()> {
    let stage = stage("config_other", &["configmaps"]).await?;
    stage.configure("plugins: { nobody: { config: { any: thing } } }")?;
    let mut sluice = stage.start().await?;
    let line = sluice.wait_for_line("it is configured, and there is no such plugin").await?;
    assert!(line.contains(r#""plugin":"nobody""#) && line.contains("WARN"), "{line}");
    Ok(())
}
