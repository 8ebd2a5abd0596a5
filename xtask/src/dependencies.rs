//! What is built in: from where, under which licence, and what may not be. `deny.toml` says it, for `cargo deny` too.

use crate::{advisories, step, workspace::Workspace};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use spdx::{Expression, LicenseReq, Licensee, ParseMode};
use std::{collections::BTreeSet, fs};
use toml_edit::{DocumentMut, Item};

/// # Errors
/// What does not fit, and where the rule stands.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let file = workspace.root.join("deny.toml");
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let rules: DocumentMut = text.parse().with_context(|| file.display().to_string())?;
    let output = workspace.cargo(["metadata", "--format-version", "1", "--locked"]).output()?;
    ensure!(output.status.success(), "cargo metadata failed:\n{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let mut wrong = wrong(&rules, packages)?;
    wrong.extend(advised(&rules, packages)?);
    ensure!(wrong.is_empty(), "{} does not allow:\n  {}", file.display(), wrong.join("\n  "));
    Ok(())
}

fn wrong(rules: &DocumentMut, packages: &[Value]) -> Result<Vec<String>> {
    let allowed = texts(&rules["licenses"]["allow"])
        .iter()
        .map(|text| Licensee::parse(text).with_context(|| format!("licenses.allow: {text}")))
        .collect::<Result<Vec<_>>>()?;
    let sources = texts(&rules["sources"]["allow-registry"]);
    let banned: BTreeSet<String> = rules["bans"]["deny"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|ban| Some(ban.as_inline_table()?.get("crate")?.as_str()?.to_owned()))
        .collect();
    ensure!(!allowed.is_empty() && !sources.is_empty() && !banned.is_empty(), "deny.toml has lost a list");
    let mut wrong = Vec::new();
    for package in packages {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        let name = format!("{} {}", text("name"), text("version"));
        if !is_allowed(text("license"), &allowed) {
            wrong.push(format!("{name}: the licence {:?}", text("license")));
        }
        // What has no source is of this repository.
        let source = text("source");
        if !source.is_empty() && !sources.iter().any(|allowed| source == format!("registry+{allowed}")) {
            wrong.push(format!("{name}: the source {source}"));
        }
        if banned.contains(text("name")) {
            wrong.push(format!("{name}: it is banned"));
        }
    }
    Ok(wrong)
}

/// What is known to be wrong with them, where somebody has brought a database of that.
fn advised(rules: &DocumentMut, packages: &[Value]) -> Result<Vec<String>> {
    let ignored = texts(&rules["advisories"]["ignore"]).into_iter().collect();
    let databases = advisories::databases();
    if databases.is_empty() {
        step::say("advisory", "none are at hand; `cargo deny fetch` brings RustSec's, which are read from then on");
    }
    let mut told = vec![];
    for crates in &databases {
        for package in packages {
            let (name, version) = (&package["name"], &package["version"]);
            let (name, version) = (name.as_str().unwrap_or_default(), version.as_str().unwrap_or_default());
            for line in advisories::of(crates, name, &version.parse()?, &ignored)? {
                told.push(format!("{name} {version}: {line}"));
            }
        }
        step::say("advisory", &format!("those of {} were read", crates.display()));
    }
    Ok(told)
}

fn is_allowed(license: &str, allowed: &[Licensee]) -> bool {
    let fits = |asked: &LicenseReq| allowed.iter().any(|licensee| licensee.satisfies(asked));
    // The older spelling has a slash for OR.
    Expression::parse_mode(license, ParseMode::LAX).is_ok_and(|expression| expression.evaluate(fits))
}

fn texts(list: &Item) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(Into::into)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_file_does_not_allow_is_named() {
        let rules = r#"
            licenses.allow = ["MIT", "Apache-2.0"]
            sources.allow-registry = ["https://a"]
            bans.deny = [{ crate = "bad" }]
        "#;
        let package = |name: &str, license: &str, source: Option<&str>| json!({ "name": name, "version": "1.0.0", "license": license, "source": source });
        let packages = [
            package("own", "MIT", None),
            package("old", "MIT/GPL-3.0", Some("registry+https://a")),
            package("both", "MIT AND GPL-3.0-only", Some("registry+https://a")),
            package("none", "", Some("registry+https://a")),
            package("git", "Apache-2.0", Some("git+https://a")),
            package("bad", "MIT", Some("registry+https://a")),
        ];
        let wrong = wrong(&rules.parse().expect("TOML"), &packages).expect("rules");
        let named: Vec<_> = wrong.iter().map(|line| line.split(' ').next().unwrap_or_default()).collect();
        assert_eq!(named, ["both", "none", "git", "bad"], "{wrong:?}");
    }
}
