//! The name of an image.

use std::fmt;
use std::str::FromStr;

use crate::found::is_digest;

/// An image: `registry.example.com/plugins/cars:1`, with a tag, a digest or both. The digest decides then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Host, and port if it has one: `registry.example.com:5000`.
    pub registry: String,
    /// Path below it, without slashes at its ends.
    pub repository: String,
    /// The tag.
    pub tag: Option<String>,
    /// `sha256:` and 64 hex digits: of the manifest's bytes.
    pub digest: Option<String>,
}

/// Why a text names no image.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} names no image: {why}; write registry.example.com/plugins/cars:1, or …@sha256:…")]
pub struct ReferenceError {
    text: String,
    why: &'static str,
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        parse(text).map_err(|why| ReferenceError { text: text.into(), why })
    }
}

fn parse(text: &str) -> Result<Reference, &'static str> {
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    if !digest.is_none_or(is_sha256) {
        return Err("after @ there is to be sha256: and 64 hex digits in lower case");
    }
    // A colon before the last slash is a port's.
    let (rest, tag) = match rest.rsplit_once(':') {
        Some((rest, tag)) if !tag.contains('/') => (rest, Some(tag)),
        _ => (rest, None),
    };
    let (registry, repository) = rest.split_once('/').ok_or("there is no registry, or nothing of it")?;
    if !is_registry(registry) {
        return Err("it does not begin with a registry's host");
    }
    if !is_repository(repository) {
        return Err("a path has lower-case letters, digits and single . _ - within");
    }
    if !tag.is_none_or(is_tag) {
        return Err("a tag has letters, digits, . _ -, and 128 of them at most");
    }
    if tag.is_none() && digest.is_none() {
        return Err("there is neither a tag nor a digest");
    }
    let (tag, digest) = (tag.map(Into::into), digest.map(Into::into));
    Ok(Reference { registry: registry.into(), repository: repository.into(), tag, digest })
}

impl Reference {
    /// Without tag and digest.
    pub(super) fn path(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }

    /// What the registry is asked for: the digest if there is one.
    pub(super) fn wanted(&self) -> &str {
        self.digest.as_deref().or(self.tag.as_deref()).unwrap_or_default()
    }

    /// The same at another place, which begins with a registry.
    pub(super) fn at(&self, path: &str) -> Option<Self> {
        let (registry, repository) = path.split_once('/')?;
        let fits = is_registry(registry) && is_repository(repository);
        fits.then(|| Self { registry: registry.into(), repository: repository.into(), ..self.clone() })
    }

    /// The same image, and nothing else if its tag moves.
    pub(super) fn pinned(&self, digest: &str) -> Self {
        Self { digest: Some(digest.into()), ..self.clone() }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        self.digest.as_ref().map_or(Ok(()), |digest| write!(f, "@{digest}"))
    }
}

/// `sha256:` and 64 hex digits.
pub(super) fn is_sha256(digest: &str) -> bool {
    digest.strip_prefix("sha256:").is_some_and(is_digest)
}

/// A host that has a dot or a port, or is `localhost`; else it may be meant as the first part of a path.
pub(super) fn is_registry(text: &str) -> bool {
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let is_part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    host.len() <= 253
        && host.split('.').all(is_part)
        && port.is_none_or(is_port)
        && (host.contains('.') || port.is_some() || host == "localhost")
}

fn is_repository(text: &str) -> bool {
    let is_word = |part: &str| {
        let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        ends(part.bytes().next())
            && ends(part.bytes().last())
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte))
            && !part.contains("..")
    };
    text.len() <= 255 && text.split('/').all(is_word)
}

fn is_tag(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && !text.starts_with(['.', '-'])
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:4aaa3cac371d4739177d57676756d70b802431338eae7726bc1ddf35536188b6";

    #[test]
    fn what_names_an_image_is_read_and_printed_as_it_was() {
        for (text, parts) in [
            ("registry.example.com/cars:1", ("registry.example.com", "cars", Some("1"), None)),
            ("localhost/a/b-c/d.e:V_1", ("localhost", "a/b-c/d.e", Some("V_1"), None)),
            (&format!("localhost:5000/a@{DIGEST}"), ("localhost:5000", "a", None, Some(DIGEST))),
            (&format!("127.0.0.1:5000/a:1@{DIGEST}"), ("127.0.0.1:5000", "a", Some("1"), Some(DIGEST))),
        ] {
            let read: Reference = text.parse().unwrap();
            let (registry, repository, tag, digest) = parts;
            let (tag, digest) = (tag.map(Into::into), digest.map(Into::into));
            assert_eq!(read, Reference { registry: registry.into(), repository: repository.into(), tag, digest });
            assert_eq!(read.to_string(), text);
        }
    }

    #[test]
    fn what_names_none_says_why() {
        for (text, why) in [
            ("", "no registry"),
            ("cars:1", "no registry"),
            ("plugins/cars:1", "begin with a registry"),
            ("https://a.b/cars:1", "begin with a registry"),
            ("a..b/cars:1", "begin with a registry"),
            ("a.b:99999/cars:1", "begin with a registry"),
            ("a.b/cars", "neither a tag nor a digest"),
            ("a.b:1/cars", "neither a tag nor a digest"),
            ("a.b/Cars:1", "lower-case"),
            ("a.b/../etc:1", "lower-case"),
            ("a.b/cars/:1", "lower-case"),
            ("a.b/cars?x=y:1", "lower-case"),
            ("a.b/cars:", "a tag has"),
            ("a.b/cars:1 2", "a tag has"),
            ("a.b/cars:1@sha256:12", "64 hex digits"),
            ("a.b/cars@md5:12", "64 hex digits"),
        ] {
            let error = text.parse::<Reference>().unwrap_err().to_string();
            assert!(error.contains(why) && error.contains("; write registry.example.com/"), "{text}: {error}");
        }
    }
}
