//! `sluice.yaml`: what the operator says to each plugin.

use std::path::Path;

use anyhow::{Context, anyhow};
use sluice_core::config::Config;

/// Reads the file; without one there is nothing to say.
pub(super) fn read(file: Option<&Path>) -> anyhow::Result<Config> {
    let Some(file) = file else { return Ok(Config::default()) };
    let text = std::fs::read_to_string(file)
        .map_err(|error| anyhow!("{}: cannot be read: {error}; name a file of YAML", file.display()))?;
    parse(&text).with_context(|| file.display().to_string())
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
