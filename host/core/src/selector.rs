//! Which objects a syncer takes: label selectors as kubectl spells them, and namespaces.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

/// What a syncer selects on the side that it copies from. Without anything: all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Selection {
    /// In these namespaces; none are all.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub namespaces: BTreeSet<String>,
    /// With these labels.
    #[serde(skip_serializing_if = "Selector::is_all")]
    pub labels: Selector,
}

impl Selection {
    /// Whether it leaves nothing out.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Whether an object is in it, as an API server would list it.
    pub fn takes(&self, namespace: Option<&str>, labels: &BTreeMap<String, String>) -> bool {
        let within = self.namespaces.is_empty() || namespace.is_some_and(|name| self.namespaces.contains(name));
        within && self.labels.requirements.iter().all(|one| one.test.holds(labels.get(&one.key)))
    }

    /// Whether no object can be in both.
    pub fn is_apart(&self, other: &Self) -> bool {
        let namespaces = !self.namespaces.is_empty()
            && !other.namespaces.is_empty()
            && self.namespaces.is_disjoint(&other.namespaces);
        namespaces || self.labels.is_apart(&other.labels)
    }
}

/// A label selector: `team=a,tier in (x,y),!legacy`. Empty: all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Selector {
    text: String,
    requirements: Vec<Requirement>,
}

/// What one label has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    /// It is there.
    Exists,
    /// It is not there.
    Missing,
    /// It is one of these.
    In(BTreeSet<String>),
    /// It is none of these, or not there.
    NotIn(BTreeSet<String>),
}

impl Test {
    /// Of a label with this value, or without one.
    fn holds(&self, value: Option<&String>) -> bool {
        match self {
            Self::Exists => value.is_some(),
            Self::Missing => value.is_none(),
            Self::In(values) => value.is_some_and(|value| values.contains(value)),
            Self::NotIn(values) => value.is_none_or(|value| !values.contains(value)),
        }
    }
}

/// Why a text is no label selector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no label selector; write it as for kubectl, such as team=a,tier in (x,y),!legacy")]
pub struct SelectorError(String);

impl Selector {
    /// Whether it selects everything.
    pub fn is_all(&self) -> bool {
        self.requirements.is_empty()
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether no set of labels fits both.
    fn is_apart(&self, other: &Self) -> bool {
        let pairs = self.requirements.iter().flat_map(|one| other.requirements.iter().map(move |two| (one, two)));
        pairs.filter(|(one, two)| one.key == two.key).any(|(one, two)| match (&one.test, &two.test) {
            (Test::In(one), Test::In(two)) => one.is_disjoint(two),
            (Test::In(one), Test::NotIn(two)) | (Test::NotIn(two), Test::In(one)) => one.is_subset(two),
            (Test::Missing, Test::Exists | Test::In(_)) | (Test::Exists | Test::In(_), Test::Missing) => true,
            _ => false,
        })
    }
}

impl TryFrom<String> for Selector {
    type Error = SelectorError;

    fn try_from(text: String) -> Result<Self, SelectorError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let requirements = parts(&text).into_iter().map(|part| requirement(part.trim())).collect();
        match requirements {
            Some(requirements) => Ok(Self { text, requirements }),
            None => Err(SelectorError(text)),
        }
    }
}

impl From<Selector> for String {
    fn from(selector: Selector) -> Self {
        selector.text
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Cut at the commas that stand in no brackets.
fn parts(text: &str) -> Vec<&str> {
    let mut open = false;
    text.split(|char| {
        open = (open || char == '(') && char != ')';
        char == ',' && !open
    })
    .collect()
}

fn requirement(part: &str) -> Option<Requirement> {
    let of = |key: &str, test| is_key(key).then(|| Requirement { key: key.into(), test });
    let one = |value: &str| is_value(value).then(|| BTreeSet::from([value.to_owned()]));
    if let Some(key) = part.strip_prefix('!') {
        return of(key.trim(), Test::Missing);
    }
    if let Some((key, value)) = part.split_once("!=") {
        return of(key.trim(), Test::NotIn(one(value.trim())?));
    }
    if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return of(key.trim(), Test::In(one(value.trim())?));
    }
    let Some((key, rest)) = part.split_once(char::is_whitespace) else { return of(part, Test::Exists) };
    let rest = rest.trim();
    let (list, not) = match (rest.strip_prefix("notin"), rest.strip_prefix("in")) {
        (Some(list), _) => (list, true),
        (_, Some(list)) => (list, false),
        _ => return None,
    };
    let list = list.trim().strip_prefix('(')?.strip_suffix(')')?;
    let values: Option<BTreeSet<_>> =
        list.split(',').map(str::trim).map(|value| is_value(value).then(|| value.to_owned())).collect();
    of(key, if not { Test::NotIn(values?) } else { Test::In(values?) })
}

/// `name` or `prefix/name`. The API server has the last word; this keeps what it would not even parse out of requests.
fn is_key(key: &str) -> bool {
    let name = key.rsplit_once('/').map_or(key, |(_, name)| name);
    !name.is_empty() && key.len() <= 317 && key.bytes().all(|byte| is_plain(byte) || byte == b'/')
}

fn is_value(value: &str) -> bool {
    value.len() <= 63 && value.bytes().all(is_plain)
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selector(text: &str) -> Selector {
        text.to_owned().try_into().unwrap()
    }

    #[test]
    fn a_selection_takes_what_an_api_server_would_list() {
        for (text, has, taken) in [
            ("", &[][..], true),
            ("team=a", &[("team", "a"), ("tier", "x")], true),
            ("team=a", &[("team", "b")], false),
            ("team=a", &[], false),
            ("team==a,tier", &[("team", "a")], false),
            ("team in (a, b)", &[("team", "b")], true),
            ("team in (a,b)", &[("team", "c")], false),
            ("team notin (a,b)", &[("team", "a")], false),
            ("team notin (a,b)", &[], true),
            ("team!=a", &[], true),
            ("example.com/team", &[("example.com/team", "")], true),
            ("!legacy", &[("legacy", "")], false),
        ] {
            let labels = has.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
            let select = Selection { labels: selector(text), ..Selection::default() };
            assert_eq!(select.takes(Some("shop"), &labels), taken, "{text} of {has:?}");
        }
        let within = Selection { namespaces: ["shop".into()].into(), ..Selection::default() };
        for (namespace, taken) in [(Some("shop"), true), (Some("b"), false), (None, false)] {
            assert_eq!(within.takes(namespace, &BTreeMap::new()), taken, "{namespace:?}");
        }
    }

    #[test]
    fn selectors_are_apart_where_one_label_cannot_fit_both() {
        for (one, other, apart) in [
            ("team=a", "team=b", true),
            ("team=a,x", "y,team==b", true),
            ("team=a", "team in (a, b)", false),
            ("team in (a,b)", "team notin (a,b,c)", true),
            ("team=a", "team!=a", true),
            ("team=a", "team!=b", false),
            ("team", "!team", true),
            ("!team", "team=a", true),
            ("!team", "team!=a", false),
            ("team=a", "tier=b", false),
            ("", "team=a", false),
        ] {
            assert_eq!(selector(one).is_apart(&selector(other)), apart, "{one} and {other}");
            assert_eq!(selector(other).is_apart(&selector(one)), apart, "{other} and {one}");
        }
    }

    #[test]
    fn a_blank_selector_is_none() {
        assert_eq!(selector(" \n"), Selector::default());
    }

    #[test]
    fn what_kubectl_would_not_take_is_refused() {
        for text in ["a b", "a in x", "=a", "!", "a,,b", "a in (b", "a=b c", "a=b&limit=1", "a in (x y)"] {
            assert!(Selector::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn namespaces_part_too() {
        let of = |namespaces: &[&str]| Selection {
            namespaces: namespaces.iter().map(|&name| name.to_owned()).collect(),
            ..Selection::default()
        };
        assert!(of(&["a"]).is_apart(&of(&["b", "c"])));
        assert!(!of(&["a", "b"]).is_apart(&of(&["b"])));
        assert!(!of(&[]).is_apart(&of(&["b"])));
    }
}
