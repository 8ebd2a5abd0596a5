//! How a registry asks who we are: the header `WWW-Authenticate`.

use std::collections::BTreeMap;

/// What is wanted of us.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// The password itself.
    Basic,
    /// A token, which is to be had at `realm` for `service`.
    Bearer { realm: String, service: Option<String> },
}

impl Challenge {
    /// The best of what a header offers.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let mut offers: Vec<(String, BTreeMap<String, String>)> = vec![];
        for item in items(header) {
            let (name, value) = item.split_once('=').unwrap_or((&item, ""));
            // A name of two words is a scheme's, and the first of its parameters.
            let name = match name.trim().split_once(' ') {
                Some((scheme, name)) => {
                    offers.push((scheme.to_ascii_lowercase(), BTreeMap::new()));
                    name.trim()
                }
                None if !item.contains('=') => {
                    offers.push((name.trim().to_ascii_lowercase(), BTreeMap::new()));
                    continue;
                }
                None => name.trim(),
            };
            offers.last_mut()?.1.insert(name.to_ascii_lowercase(), value.trim().into());
        }
        let bearer = offers.iter_mut().find(|(scheme, _)| scheme == "bearer");
        if let Some((realm, service)) = bearer.and_then(|(_, all)| Some((all.remove("realm")?, all.remove("service"))))
        {
            return Some(Self::Bearer { realm, service });
        }
        offers.iter().any(|(scheme, _)| scheme == "basic").then_some(Self::Basic)
    }
}

/// What stands between commas that are not quoted, with the quotes taken away.
fn items(header: &str) -> Vec<String> {
    let (mut items, mut quoted, mut escaped) = (vec![String::new()], false, false);
    for char in header.chars() {
        match char {
            _ if escaped => escaped = false,
            '\\' if quoted => {
                escaped = true;
                continue;
            }
            '"' => {
                quoted = !quoted;
                continue;
            }
            ',' if !quoted => {
                items.push(String::new());
                continue;
            }
            _ => {}
        }
        items.last_mut().into_iter().for_each(|item| item.push(char));
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_registries_ask_for_is_understood() {
        let bearer = |realm: &str, service: Option<&str>| {
            Some(Challenge::Bearer { realm: realm.into(), service: service.map(Into::into) })
        };
        for (header, wanted) in [
            (
                r#"Bearer realm="https://a/token",service="a.b",scope="repository:c:pull,push""#,
                bearer("https://a/token", Some("a.b")),
            ),
            (r#"bearer  realm = "https://a/t\"k" "#, bearer("https://a/t\"k", None)),
            (r#"Basic realm="Registry, ours", Bearer realm="https://a""#, bearer("https://a", None)),
            (r#"Basic realm="Registry""#, Some(Challenge::Basic)),
            ("Basic", Some(Challenge::Basic)),
            ("Bearer", None),
            ("Negotiate", None),
            ("realm=a", None),
            ("", None),
            ("\"", None),
        ] {
            assert_eq!(Challenge::parse(header), wanted, "{header}");
        }
    }
}
