//! The proxies that the environment names, as Pods and shells set them.

use std::env;
use std::ffi::OsString;

use http::Uri;
use http::header::HeaderValue;
use http::uri::{Authority, Scheme};
use hyper_util::client::proxy::matcher::Matcher;

use super::access::AccessError;

/// Through what registries are reached.
#[derive(Debug)]
pub(super) struct Proxies {
    matcher: Matcher,
    /// The variables that were set, for messages: upper case, if neither was.
    http: &'static str,
    https: &'static str,
}

/// Why a proxy does not lead to a registry. It has no cause: all there is to say is in it.
#[derive(Debug, thiserror::Error)]
#[error("the proxy {at} does not lead there: {why}; put right what {variable} says, or name the host in NO_PROXY")]
pub(super) struct DeadEnd {
    at: String,
    variable: &'static str,
    why: String,
}

/// What stands between us and a registry.
pub(super) struct Proxy {
    /// Where it is, without credentials.
    pub(super) uri: Uri,
    /// What it is to be shown: `Proxy-Authorization`.
    pub(super) shown: Option<HeaderValue>,
    /// The variable that names it.
    pub(super) variable: &'static str,
}

impl Proxies {
    /// What `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say, or else the same in lower case. An empty one says nothing.
    ///
    /// # Errors
    /// One that names no proxy. Its value is not quoted: it may hold a password.
    pub(super) fn from_env() -> Result<Self, AccessError> {
        Self::said_by(|name| env::var_os(name))
    }

    /// None: everything is reached straight.
    #[cfg(test)]
    pub(super) fn none() -> Self {
        Self { matcher: Matcher::builder().build(), http: "HTTP_PROXY", https: "HTTPS_PROXY" }
    }

    fn said_by(said: impl Fn(&str) -> Option<OsString>) -> Result<Self, AccessError> {
        let (http, of_http) = first(&said, ["HTTP_PROXY", "http_proxy"])?;
        let (https, of_https) = first(&said, ["HTTPS_PROXY", "https_proxy"])?;
        let (_, no) = first(&said, ["NO_PROXY", "no_proxy"])?;
        // The matcher leaves out what it does not understand.
        for (variable, value) in [(http, &of_http), (https, &of_https)] {
            check(value).map_err(|why| AccessError::Proxy { variable, why })?;
        }
        let matcher = Matcher::builder().http(of_http).https(of_https).no(no).build();
        Ok(Self { matcher, http, https })
    }

    /// The proxy that something is reached through, if it is through one.
    pub(super) fn of(&self, to: &Uri) -> Option<Proxy> {
        let found = self.matcher.intercept(to)?;
        let variable = if to.scheme() == Some(&Scheme::HTTPS) { self.https } else { self.http };
        Some(Proxy { uri: found.uri().clone(), shown: found.basic_auth().cloned(), variable })
    }
}

impl Proxy {
    /// It does not lead to where we want.
    pub(super) fn dead_end(&self, why: impl Into<String>) -> DeadEnd {
        let at = self.uri.authority().map(Authority::to_string).unwrap_or_default();
        DeadEnd { at, variable: self.variable, why: why.into() }
    }
}

/// The first that says something, and what.
fn first(
    said: impl Fn(&str) -> Option<OsString>,
    names: [&'static str; 2],
) -> Result<(&'static str, String), AccessError> {
    for variable in names {
        let value = said(variable).unwrap_or_default().into_string();
        let value = value.map_err(|_| AccessError::Proxy { variable, why: "it is not UTF-8" })?;
        if !value.is_empty() {
            return Ok((variable, value));
        }
    }
    Ok((names[0], String::new()))
}

/// Whether it names a proxy or nothing. What merely looks like one, such as a password with a `/` or `#` in it, would
/// send us to a host that has the user's name.
fn check(value: &str) -> Result<(), &'static str> {
    if value.is_empty() {
        return Ok(());
    }
    let uri: Uri = value.parse().map_err(|_| "it is no URL")?;
    if !uri.scheme().is_none_or(|scheme| [Scheme::HTTP, Scheme::HTTPS].contains(scheme)) {
        return Err("only proxies that speak HTTP are known");
    }
    let authority = uri.authority().ok_or("it names no host")?;
    let place = authority.as_str().rsplit_once('@').map_or(authority.as_str(), |(_, place)| place);
    if authority.host().is_empty() {
        return Err("it names no host");
    }
    // What remains behind the host is nothing, or a port.
    match place
        .strip_prefix(authority.host())
        .and_then(|rest| rest.strip_prefix(':').or(rest.is_empty().then_some("1")))
    {
        Some(port) if port.parse::<u16>().is_ok_and(|port| port > 0) => {}
        _ => return Err("its port is no number"),
    }
    let is_bare = uri.path_and_query().is_none_or(|path| ["", "/"].contains(&path.as_str())) && !value.contains('#');
    is_bare.then_some(()).ok_or("something follows the host and port")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(said: &[(&str, &str)]) -> Result<Proxies, AccessError> {
        Proxies::said_by(|name| said.iter().find(|(other, _)| *other == name).map(|(_, value)| value.into()))
    }

    /// Where something is reached through, and what that is shown.
    fn through(proxies: &Proxies, to: &str) -> Option<(String, Option<String>, &'static str)> {
        let proxy = proxies.of(&to.parse().unwrap())?;
        let shown = proxy.shown.as_ref().map(|shown| shown.to_str().unwrap().to_owned());
        Some((proxy.uri.to_string(), shown, proxy.variable))
    }

    #[test]
    fn each_scheme_has_its_proxy() {
        let found = proxies(&[("HTTPS_PROXY", "http://us%65r:p%40ss@a.b:3128"), ("http_proxy", "c.d")]).unwrap();
        let shown = Some("Basic dXNlcjpwQHNz".to_owned());
        assert_eq!(through(&found, "https://e.f:5000/v2"), Some(("http://a.b:3128/".into(), shown, "HTTPS_PROXY")));
        assert_eq!(through(&found, "http://e.f/v2"), Some(("http://c.d/".into(), None, "http_proxy")));
        let said = format!("{found:?}");
        assert!(!said.contains("p@ss") && !said.contains("p%40ss") && !said.contains("dXNl"), "{said}");
        assert!(through(&Proxies::none(), "https://e.f").is_none());
    }

    #[test]
    fn upper_case_comes_first_and_what_is_empty_says_nothing() {
        let through = |said: &[(&str, &str)]| through(&proxies(said).unwrap(), "https://e.f").map(|found| found.0);
        let both = |upper| [("HTTPS_PROXY", upper), ("https_proxy", "http://b")];
        assert_eq!(through(&both("http://a")).as_deref(), Some("http://a/"));
        assert_eq!(through(&both("")).as_deref(), Some("http://b/"));
        assert_eq!(through(&[("HTTPS_PROXY", "")]), None);
        assert_eq!(through(&[("ALL_PROXY", "http://a"), ("HTTP_PROXY", "http://a")]), None);
    }

    #[test]
    fn what_is_listed_is_reached_without() {
        for variable in ["NO_PROXY", "no_proxy"] {
            let list = "localhost, .svc,example.com,10.0.0.0/8,::1";
            let found = proxies(&[("HTTPS_PROXY", "http://a"), (variable, list)]).unwrap();
            for without in ["localhost:5000", "a.svc", "example.com:5000", "b.EXAMPLE.com", "10.1.2.3:5000", "[::1]:5"]
            {
                assert!(through(&found, &format!("https://{without}/v2")).is_none(), "{without}");
            }
            for with in ["notexample.com", "svc.a", "11.1.2.3", "[::2]:5"] {
                assert!(through(&found, &format!("https://{with}/v2")).is_some(), "{with}");
            }
        }
        let found = proxies(&[("HTTPS_PROXY", "http://a"), ("NO_PROXY", "*")]).unwrap();
        assert!(through(&found, "https://example.com").is_none());
    }

    #[test]
    fn what_names_no_proxy_is_told_by_its_variable_and_not_quoted() {
        for (value, why) in [
            ("http://user:hunter2@", "it is no URL"),
            ("http://user:hunter2 @a.b", "it is no URL"),
            ("http://user:hunt/er2@a.b:3128", "its port is no number"),
            ("http://user:12/hunter2@a.b:3128", "something follows"),
            ("http://user:12#hunter2@a.b:3128", "something follows"),
            ("http://a.b:99999", "its port is no number"),
            ("http://a.b:0", "its port is no number"),
            ("http://a.b:3128/hunter2", "something follows"),
            ("/hunter2", "it names no host"),
            ("socks5://user:hunter2@a.b", "only proxies that speak HTTP"),
        ] {
            for variable in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"] {
                let said = proxies(&[(variable, value)]).unwrap_err().to_string();
                assert!(said.starts_with(&format!("{variable} in the environment: {why}")), "{value}: {said}");
                assert!(said.contains("; write http://HOST:PORT") && !said.contains("hunt"), "{said}");
            }
        }
        for value in ["http://a.b:3128/", "a.b:3128", "a.b", "https://[::1]:3128", "http://user@a.b"] {
            assert!(proxies(&[("HTTPS_PROXY", value)]).is_ok(), "{value}");
        }
    }
}
