//! What is known to be wrong with what is built in, as far as this machine knows it: a copy of RustSec's database, where
//! `cargo deny` or `cargo audit` has left one. Nothing is fetched, so that tests need no network and fail for what is ours.

use anyhow::{Context, Result};
use semver::{Version, VersionReq};
use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};
use toml_edit::{DocumentMut, Item};

/// Every copy that there is: of `cargo audit`, and those of `cargo deny`.
pub(crate) fn databases() -> Vec<PathBuf> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let Some(home) = home.or_else(|| Some(env::home_dir()?.join(".cargo"))) else { return vec![] };
    let of_deny = fs::read_dir(home.join("advisory-dbs")).into_iter().flatten().flatten().map(|entry| entry.path());
    let all = of_deny.chain([home.join("advisory-db")]).map(|folder| folder.join("crates"));
    all.filter(|crates| crates.is_dir()).collect()
}

/// What a database says of this version of a package, but for what is `ignored` by its number.
///
/// # Errors
/// An advisory that cannot be read.
pub(crate) fn of(crates: &Path, name: &str, version: &Version, ignored: &BTreeSet<String>) -> Result<Vec<String>> {
    let Ok(files) = fs::read_dir(crates.join(name)) else { return Ok(vec![]) };
    let mut told = vec![];
    for file in files {
        let file = file?.path();
        let read = || -> Result<Option<String>> { concern(&fs::read_to_string(&file)?, version) };
        if file.extension().is_some_and(|end| end == "md") {
            told.extend(read().with_context(|| file.display().to_string())?);
        }
    }
    told.retain(|line| !ignored.iter().any(|id| line.starts_with(id.as_str())));
    told.sort();
    Ok(told)
}

/// Its number and title, if it is about this version and was not taken back.
fn concern(advisory: &str, version: &Version) -> Result<Option<String>> {
    let (facts, text) = advisory
        .trim_start()
        .strip_prefix("```toml")
        .and_then(|rest| rest.split_once("```"))
        .context("it does not begin with a block of TOML")?;
    let facts: DocumentMut = facts.parse()?;
    let about = &facts["advisory"];
    let fits = |list: &Item| -> Result<bool> {
        let mut fits = false;
        for range in list.as_array().into_iter().flatten().filter_map(|range| range.as_str()) {
            fits |= VersionReq::parse(range).with_context(|| range.to_owned())?.matches(version);
        }
        Ok(fits)
    };
    let versions = facts.get("versions");
    let safe = |key: &str| versions.and_then(|versions| versions.get(key)).map_or(Ok(false), fits);
    if about.get("withdrawn").is_some() || safe("patched")? || safe("unaffected")? {
        return Ok(None);
    }
    let id = about.get("id").and_then(Item::as_str).context("it has no id")?;
    let title = text.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default();
    Ok(Some(format!("{id}: {title}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADVISORY: &str = "```toml
[advisory]
id = \"RUSTSEC-2099-0001\"
package = \"bad\"
date = \"2099-01-01\"

[versions]
patched = [\">= 1.2.5, < 2.0.0\", \">= 2.0.2\"]
unaffected = [\"< 1.1.0\"]
```

# It opens the door

Wide.
";

    #[test]
    fn an_advisory_is_for_the_versions_that_are_neither_patched_nor_unaffected() {
        for (version, concerns) in
            [("1.0.9", false), ("1.1.0", true), ("1.2.4", true), ("1.2.5", false), ("2.0.1", true), ("2.0.2", false)]
        {
            let told = concern(ADVISORY, &version.parse().expect("a version")).expect("an advisory");
            assert_eq!(told.is_some(), concerns, "{version}: {told:?}");
            assert!(told.is_none_or(|told| told == "RUSTSEC-2099-0001: It opens the door"));
        }
    }

    #[test]
    fn one_that_was_taken_back_or_is_not_fixed_yet_is_seen_as_such() {
        let version = "1.2.4".parse().expect("a version");
        let back = ADVISORY.replace("date =", "withdrawn = \"2099-02-01\"\ndate =");
        assert_eq!(concern(&back, &version).expect("an advisory"), None);
        let (facts, _) = ADVISORY.split_once("patched").expect("versions");
        let never = format!("{facts}patched = []\n```\n# Nobody keeps it\n");
        assert!(concern(&never, &"9.0.0".parse().expect("a version")).expect("an advisory").is_some());
        assert!(concern("# No facts\n", &version).is_err());
    }
}
