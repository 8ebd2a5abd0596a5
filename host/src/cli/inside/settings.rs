//! What is said in vcluster.yaml.

use std::net::SocketAddr;

use anyhow::{Context, anyhow};
use serde_json::{Map, Value};
use sluice_core::config::Config;
use tracing::Level;

/// `sluice.yaml`, and what concerns all of it.
#[derive(Debug)]
pub(super) struct Settings {
    /// What is said to the plugins.
    pub(super) config: Config,
    /// Whether vCluster is not to start when not all of them do.
    pub(super) fatal: bool,
    /// Whether ConfigMaps of vCluster's own namespace may be plugins.
    pub(super) config_maps: bool,
    /// Where health, metrics and state are served, if anywhere.
    pub(super) admin: Option<SocketAddr>,
    level: Level,
}

impl Settings {
    /// From YAML; nothing is as good as an empty one.
    ///
    /// # Errors
    /// Names the field. Nothing of the text is in it but names of fields.
    pub(super) fn read(yaml: Option<&str>) -> anyhow::Result<Self> {
        let read = || -> anyhow::Result<Self> {
            let all: Option<Map<String, Value>> = serde_saphyr::from_str(yaml.unwrap_or_default()).map_err(one_line)?;
            let mut all = all.unwrap_or_default();
            let mut flag = |name: &str| match all.remove(name) {
                None => Ok(false),
                Some(flag) => flag.as_bool().with_context(|| format!("`{name}` is neither true nor false")),
            };
            let (fatal, config_maps) = (flag("fatal")?, flag("configMaps")?);
            let admin = all.remove("admin").map(|admin| {
                let address = admin.as_str().and_then(|address| address.parse().ok());
                address.context("`admin` is no address; write one as \"0.0.0.0:9440\"")
            });
            let level = match all.remove("logLevel") {
                None => Level::INFO,
                Some(level) => {
                    let known = ["error", "warn", "info", "debug"].into_iter().find(|known| level == *known);
                    known.context("`logLevel` is none of error, warn, info and debug")?.parse()?
                }
            };
            let config = serde_json::from_value(all.into()).map_err(one_line)?;
            Ok(Self { config, fatal, config_maps, admin: admin.transpose()?, level })
        };
        read().context("vcluster.yaml, `config` of this plugin")
    }

    pub(super) fn level(&self) -> Level {
        self.level
    }
}

/// What follows the first line is an excerpt, which may be a secret.
fn one_line(error: impl ToString) -> anyhow::Error {
    let error = error.to_string();
    let why = error.lines().next().unwrap_or_default();
    anyhow!("{}", why.strip_prefix("error: ").unwrap_or(why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_sluice_yaml_with_more() {
        for nothing in [None, Some(""), Some("{}\n")] {
            let settings = Settings::read(nothing).expect("nothing is wrong");
            assert_eq!((settings.config, settings.fatal, settings.level), (Config::default(), false, Level::INFO));
        }
        let text = "fatal: true\nlogLevel: debug\nplugins:\n  cars:\n    config: { paint: red }\n";
        let settings = Settings::read(Some(text)).expect("nothing is wrong");
        assert_eq!(settings.config.plugins["cars"].value()["paint"].as_str(), Some("red"));
        assert_eq!((settings.fatal, settings.level), (true, Level::DEBUG));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, said) in [
            ("fatal: 1", "`fatal` is neither"),
            ("logLevel: loud", "`logLevel` is none of"),
            ("configMaps: vcluster", "`configMaps` is neither"),
            ("admin: 9440", "`admin` is no address"),
            ("plugin: {}", "unknown field `plugin`"),
            ("plugins: [hunter2", ""),
        ] {
            let error = format!("{:#}", Settings::read(Some(text)).expect_err("something is wrong"));
            assert!(error.starts_with("vcluster.yaml, `config` of this plugin: ") && error.contains(said), "{error}");
            assert!(!error.contains("hunter2") && error.lines().count() == 1, "{error}");
        }
    }
}
