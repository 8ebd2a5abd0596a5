//! What a request asks for, read off its first line as Kubernetes does (RequestInfo).

use super::fields::exact_name;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Of a resource get, list, watch and the like, else the method in lower case.
    pub verb: String,
    /// Without the query, decoded.
    pub path: String,
    /// Which resource, if any.
    pub resource: Option<Resource>,
}

/// A resource that is asked for; what a path does not say is "".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    /// "" for core.
    pub group: String,
    /// Such as v1.
    pub version: String,
    /// "" for what has none, and for those of all namespaces.
    pub namespace: String,
    /// Its plural, such as pods.
    pub resource: String,
    /// "" for a list and the like.
    pub name: String,
    /// Such as log.
    pub subresource: String,
}

/// Why it cannot be told what is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Such as CONNECT has it.
    #[error("the request is not for a path")]
    NoPath,
    /// A `%` that is no escape, or one of something else than UTF-8.
    #[error("the path is not encoded as it should be")]
    Encoding,
    /// `watch/` and nothing.
    #[error("the path does not say which resource")]
    NoResource,
}

impl Request {
    /// `target`: path and query, as they were sent.
    pub fn parse(method: &str, target: &str) -> Result<Self, Malformed> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if !path.starts_with('/') {
            return Err(Malformed::NoPath);
        }
        let path = decode(path, false).ok_or(Malformed::Encoding)?;
        let mut request = Self { verb: method.to_lowercase(), path, resource: None };
        let trimmed = request.path.trim_matches('/');
        let parts: Vec<_> = trimmed.split('/').collect();
        let (group, parts) = match &*parts {
            ["api", parts @ ..] if parts.len() >= 2 => ("", parts),
            ["apis", group, parts @ ..] if parts.len() >= 2 => (*group, parts),
            _ => return Ok(request),
        };
        let (verb, parts, version) = match parts {
            [_, "proxy" | "watch"] => return Err(Malformed::NoResource),
            [version, verb @ ("proxy" | "watch"), parts @ ..] => (*verb, parts, version),
            [version, parts @ ..] => (verb(method), parts, version),
            [] => return Ok(request),
        };
        let resource = resource(verb, parts);
        let resource = Resource { group: group.into(), version: (*version).into(), ..resource };
        let verb = verb.to_owned();
        request.ask(verb, resource, query);
        Ok(request)
    }

    /// What has no name is a list.
    fn ask(&mut self, verb: String, mut resource: Resource, query: &str) {
        self.verb = verb;
        if resource.name.is_empty() && self.verb == "get" {
            let watch = first(query, "watch").is_some_and(|watch| watch != "0" && !watch.eq_ignore_ascii_case("false"));
            self.verb = if watch { "watch" } else { "list" }.into();
            let name = first(query, "fieldSelector").and_then(|selector| exact_name(&selector));
            resource.name = name.unwrap_or_default();
        }
        if resource.name.is_empty() && self.verb == "delete" {
            self.verb = "deletecollection".into();
        }
        self.resource = Some(resource);
    }
}

fn verb(method: &str) -> &'static str {
    match method {
        "POST" => "create",
        "GET" | "HEAD" => "get",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => "delete",
        _ => "",
    }
}

/// `[namespaces/NAMESPACE/]RESOURCE[/NAME[/SUBRESOURCE]]`.
fn resource(verb: &str, parts: &[&str]) -> Resource {
    let (namespace, parts) = match parts {
        ["namespaces", namespace, "status" | "finalize", ..] | ["namespaces", namespace] => (*namespace, parts),
        ["namespaces", namespace, rest @ ..] => (*namespace, rest),
        _ => ("", parts),
    };
    let part = |at: usize| parts.get(at).map(|part| (*part).to_owned()).unwrap_or_default();
    // What is behind a proxy's name is a path of whoever answers there.
    let subresource = if verb == "proxy" { String::new() } else { part(2) };
    Resource { namespace: namespace.into(), resource: part(0), name: part(1), subresource, ..Resource::default() }
}

/// The first value of a parameter. What is not encoded as it should be is passed over.
fn first(query: &str, key: &str) -> Option<String> {
    let pairs = query.split('&').filter(|pair| !pair.contains(';'));
    let mut pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.find_map(|(name, value)| (decode(name, true)? == key).then(|| decode(value, true)).flatten())
}

/// `%41` is an A; in a query `+` is a space.
fn decode(text: &str, query: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        bytes.push(match byte {
            b'%' => {
                let (digits, after) = rest.split_at_checked(2)?;
                rest = after;
                let digit = |at: usize| char::from(digits[at]).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                digit(0)? << 4 | digit(1)?
            }
            b'+' if query => b' ',
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}
