//! What a registry is shown to let us in: a password, or a token that it gives for one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// User and password, as HTTP's basic authentication has them: in base64, with a colon between.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Basic(pub(super) String);

/// Not its value.
impl std::fmt::Debug for Basic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Basic")
    }
}

/// What is known of registries: their passwords.
#[derive(Debug, Default)]
pub(super) struct Credentials {
    file: PathBuf,
    /// By registry, or registry and path; none where the file has an entry and no password in it.
    by_place: BTreeMap<String, Option<Basic>>,
    /// A program that Docker would ask.
    helper: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    auths: Option<BTreeMap<String, Entry>>,
    #[serde(default)]
    creds_store: String,
    #[serde(default)]
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    auth: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
}

impl Credentials {
    /// Reads Docker's config, which a Secret of type `kubernetes.io/dockerconfigjson` holds too. An error quotes nothing
    /// of it.
    pub(super) fn parse(content: &[u8], file: &Path) -> Result<Self, String> {
        let shape = r#"it looks like {"auths": {"registry.example.com": {"auth": "<user:password in base64>"}}}"#;
        let File { auths, creds_store, cred_helpers } = serde_json::from_slice(content).map_err(|error| {
            format!("not Docker's config: line {} column {}; {shape}", error.line(), error.column())
        })?;
        let helper = !creds_store.is_empty() || !cred_helpers.is_empty();
        if auths.is_none() && !helper {
            return Err(format!("there is no `auths` in it; {shape}"));
        }
        let mut by_place = BTreeMap::new();
        for (place, entry) in auths.unwrap_or_default() {
            let basic = entry.basic().map_err(|why| format!("`auths` of {place:?}: {why}"))?;
            by_place.insert(plain(&place), basic);
        }
        Ok(Self { file: file.into(), by_place, helper })
    }

    /// The password for a repository: that of the longest path that it lies below.
    pub(super) fn of(&self, registry: &str, repository: &str) -> Option<&Basic> {
        let mut place = format!("{registry}/{repository}");
        loop {
            if let Some(basic) = self.by_place.get(&place) {
                return basic.as_ref();
            }
            place.truncate(place.rfind('/')?);
        }
    }

    /// What to do to be let in.
    pub(super) fn way_out(&self, registry: &str) -> String {
        let file = self.file.display();
        if self.helper {
            format!("{file} names a credential helper, which is not run: put `auth` of {registry} under `auths` there")
        } else if file.to_string().is_empty() {
            format!("name a file with credentials for {registry}: registries.authFile, or --auth-file")
        } else {
            format!("put `auth` of {registry} under `auths` in {file}")
        }
    }
}

impl Entry {
    /// None if it holds no password, which is then with a helper.
    fn basic(self) -> Result<Option<Basic>, &'static str> {
        let pair = match (self.auth.is_empty(), self.username.is_empty()) {
            (true, true) => return Ok(None),
            (true, false) => format!("{}:{}", self.username, self.password).into_bytes(),
            (false, _) => STANDARD.decode(self.auth.trim()).map_err(|_| "`auth` is not base64")?,
        };
        match pair.contains(&b':') && !pair.iter().any(u8::is_ascii_control) {
            true => Ok(Some(Basic(STANDARD.encode(pair)))),
            false => Err("`auth` is not user:password in base64"),
        }
    }
}

/// A place without the scheme and the version that old files write, and Docker Hub by one of its names.
fn plain(place: &str) -> String {
    let place = place.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/');
    let place = place.trim_end_matches("/v1").trim_end_matches("/v2");
    place.replacen("index.docker.io", "docker.io", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Credentials, String> {
        Credentials::parse(text.as_bytes(), Path::new("config.json"))
    }

    #[test]
    fn the_longest_path_decides() {
        let credentials = parse(
            r#"{"auths": {
                "a.b": {"username": "u", "password": "p"},
                "a.b/c": {"auth": "dTpw"},
                "https://index.docker.io/v1/": {"auth": "ZDpk"},
                "x.y": {}
            }, "credsStore": ""}"#,
        )
        .unwrap();
        let of = |registry, repository| credentials.of(registry, repository).map(|basic| basic.0.as_str());
        assert_eq!(of("a.b", "d/e"), Some("dTpw"));
        assert_eq!(of("a.b", "c/e"), Some("dTpw"));
        assert_eq!(of("docker.io", "c"), Some("ZDpk"));
        assert_eq!((of("x.y", "c"), of("a.bc", "c"), of("b", "a.b")), (None, None, None));
        assert!(!format!("{credentials:?}").contains("dTpw"));
    }

    #[test]
    fn a_helper_is_not_run_and_that_is_said() {
        let said = parse(r#"{"auths": {"a.b": {}}, "credsStore": "desktop"}"#).unwrap().way_out("a.b");
        assert!(said.contains("credential helper, which is not run: put `auth` of a.b under `auths`"), "{said}");
        assert!(parse(r#"{"auths": {}}"#).unwrap().way_out("a.b").contains("in config.json"));
        assert!(Credentials::default().way_out("a.b").contains("registries.authFile"));
    }

    #[test]
    fn nothing_of_the_file_is_quoted() {
        for text in ["secret", r#"{"auths": "secret"}"#, r#"{"auths": {"a.b": {"auth": "secret!"}}}"#, "{}"] {
            let said = parse(text).unwrap_err();
            assert!(!said.contains("secret"), "{said}");
        }
    }
}
