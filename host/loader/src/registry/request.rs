//! One request, as it is put together: where to, what may be sent there, and how much may come back.

use std::time::Duration;

use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderName, Method, StatusCode, Uri};
use hyper::body::Bytes;

use super::reference::Reference;

/// How long a small answer may take.
pub(super) const SOON: Duration = Duration::from_secs(30);
/// How long a component may take, either way.
pub(super) const LATE: Duration = Duration::from_secs(600);
/// Bytes of a manifest: what the distribution's specification wants to be possible.
pub(super) const MANIFEST: u64 = 4 << 20;

/// What is asked of a registry.
#[derive(Clone, Debug)]
pub(super) struct Ask<'a> {
    pub(super) place: &'a Reference,
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// What is looked for, in a word.
    pub(super) what: &'static str,
    /// Whether we want to write.
    pub(super) push: bool,
    /// How many bytes may come back.
    pub(super) limit: u64,
    /// How long it may take in all.
    pub(super) within: Duration,
}

/// What came back: the body is whole, and within its limit.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// A header's text, if it is one.
    pub(super) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Scheme, host and port: what a secret may be sent to is one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) secure: bool,
    host: String,
    port: u16,
}

impl Origin {
    /// None if it is no address on the web.
    pub(super) fn of(uri: &Uri) -> Option<Self> {
        let secure = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return None,
        };
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
        let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
        Some(Self { secure, host: authority.host().to_ascii_lowercase(), port })
    }

    /// As a registry is named, with and without its port.
    pub(super) fn names(&self) -> [String; 2] {
        [format!("{}:{}", self.host, self.port), self.host.clone()]
    }
}

/// Where a `Location` leads, seen from here.
pub(super) fn follow(from: &Uri, location: &str) -> Option<Uri> {
    if location.starts_with('/') && !location.starts_with("//") {
        let mut parts = from.clone().into_parts();
        parts.path_and_query = Some(location.parse().ok()?);
        return Uri::from_parts(parts).ok();
    }
    location.parse().ok().filter(|uri| Origin::of(uri).is_some())
}

/// An address with one more parameter. Name and value are ours.
pub(super) fn with_query(uri: &Uri, name: &str, value: &str) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mark = if path.contains('?') { '&' } else { '?' };
    parts.path_and_query = Some(format!("{path}{mark}{name}={}", escaped(value)).parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// The host alone, for messages: a path may hold what signs a request.
pub(super) fn host(uri: &Uri) -> String {
    uri.authority().map(Authority::host).unwrap_or_default().into()
}

fn escaped(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_followed_from_where_they_were_said() {
        let from = "https://a.b:5000/v2/x?y=1".parse().unwrap();
        let follow = |location| follow(&from, location).map(|uri| uri.to_string());
        assert_eq!(follow("/v2/z?u=2").as_deref(), Some("https://a.b:5000/v2/z?u=2"));
        assert_eq!(follow("http://c.d/e").as_deref(), Some("http://c.d/e"));
        for nowhere in ["//c.d/e", "file:///etc/passwd", "v2/z", "", "https://user:pass@c.d/e", "http://"] {
            assert_eq!(follow(nowhere), None, "{nowhere}");
        }
    }

    #[test]
    fn origins_are_compared_with_their_ports() {
        let origin = |uri: &str| Origin::of(&uri.parse().unwrap());
        assert_eq!(origin("https://A.b/c"), origin("https://a.b:443/d?e"));
        for other in ["http://a.b/c", "https://a.b:444/c", "https://a.c/c", "http://a.b:443/c"] {
            assert_ne!(origin("https://a.b/c"), origin(other), "{other}");
        }
    }

    #[test]
    fn parameters_are_escaped() {
        let uri = with_query(&"https://a.b/c".parse().unwrap(), "digest", "sha256:1&2").unwrap();
        assert_eq!(uri, "https://a.b/c?digest=sha256%3A1%262");
        assert_eq!(with_query(&uri, "e", "f").unwrap(), "https://a.b/c?digest=sha256%3A1%262&e=f");
    }
}
