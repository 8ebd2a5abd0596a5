//! `sluice.yaml`: what the operator says to each plugin.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow};
use sluice_core::config::Config;
use tokio::sync::watch;
use tokio::time::sleep;
use tracing::error;

/// How often the file is looked at.
const POLL: Duration = Duration::from_millis(500);

/// Reads the file; without one there is nothing to say.
pub(super) fn read(file: Option<&Path>) -> anyhow::Result<Config> {
    let Some(file) = file else { return Ok(Config::default()) };
    let text = fs::read_to_string(file)
        .map_err(|error| anyhow!("{}: cannot be read: {error}; name a file of YAML", file.display()))?;
    parse(&text).with_context(|| file.display().to_string())
}

/// What the file says, now and whenever it says something else. What cannot be read then is logged, and changes nothing.
///
/// # Errors
/// It cannot be read now.
pub(super) fn follow(file: Option<&Path>) -> anyhow::Result<watch::Receiver<Config>> {
    let (sender, config) = watch::channel(read(file)?);
    if let Some(file) = file.map(Path::to_owned) {
        tokio::spawn(async move {
            let mut known = fs::read(&file).ok();
            while !sender.is_closed() {
                sleep(POLL).await;
                let now = fs::read(&file).ok();
                if now == known {
                    continue;
                }
                known = now;
                match read(Some(&file)) {
                    Ok(config) => drop(sender.send_replace(config)),
                    Err(error) => error!("{error:#}; what it said before goes on"),
                }
            }
        });
    }
    Ok(config)
}

fn parse(text: &str) -> anyhow::Result<Config> {
    // An empty file says nothing.
    let config: Option<Config> = serde_saphyr::from_str(text).map_err(|error| {
        // One line: what follows is an excerpt of the file, which may be a secret.
        let error = error.to_string();
        let why = error.lines().next().unwrap_or_default();
        anyhow!("{}", why.strip_prefix("error: ").unwrap_or(why))
    })?;
    Ok(config.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_config_is_read() {
        let text = "plugins:\n  cars:\n    config: { paint: red }\n    grants:\n    - side: virtual\n      kind: Secret\n      verbs: [read, create]\n";
        let config = parse(text).expect("a config");
        let cars = &config.plugins["cars"];
        assert_eq!((cars.value()["paint"].as_str(), cars.grants.0.len()), (Some("red"), 1));
        assert_eq!(parse("").expect("nothing"), Config::default());
        assert_eq!(parse("plugins: {a: {}}").expect("a plugin").plugins["a"].value(), serde_json::json!({}));
    }

    #[test]
    fn what_is_wrong_is_named_and_nothing_is_quoted() {
        for (text, said) in [
            ("plugin: {}", "plugin"),
            ("plugins:\n  a:\n    grant: []", "grant"),
            ("plugins:\n  a:\n    grants:\n    - side: above\n      kind: A\n      verbs: []", "above"),
            ("plugins:\n  a:\n    grants:\n    - side: virtual\n      verbs: []", "kind"),
            ("plugins: {", ""),
        ] {
            let error = parse(text).expect_err("no config").to_string();
            assert!(error.contains(said) && error.lines().count() == 1, "{text}: {error}");
        }
    }
}
