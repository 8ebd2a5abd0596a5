//! What a plugin asks for, and what the operator lets it do.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::key::{Gvk, Side, Target};

/// What may be done with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// Copy its objects to the other cluster, and keep those copies.
    Sync,
    /// Make its objects where others name them, and keep what it made.
    Make,
    /// Get, list and watch.
    Read,
    /// Make it.
    Create,
    /// Change it.
    Update,
    /// Change its status.
    Status,
    /// Take it away.
    Delete,
    /// See it on its way to or from the cluster, and change or deny that.
    Hook,
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sync => "sync",
            Self::Make => "make",
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Status => "update the status of",
            Self::Delete => "delete",
            Self::Hook => "hook into",
        })
    }
}

/// Some verbs for some objects of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// In which cluster.
    pub side: Side,
    /// Group; empty for core.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// Kind.
    pub kind: String,
    /// What.
    pub verbs: BTreeSet<Verb>,
    /// In these namespaces alone; none are all. An empty one is the target namespace.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub namespaces: BTreeSet<String>,
    /// Objects of these names alone; none are all.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub names: BTreeSet<String>,
}

impl Grant {
    /// Some verbs for all objects of a kind.
    pub fn new(side: Side, kind: &Gvk, verbs: impl IntoIterator<Item = Verb>) -> Self {
        let (group, kind) = (kind.group.clone(), kind.kind.clone());
        let (namespaces, names) = Default::default();
        Self { side, group, kind, verbs: verbs.into_iter().collect(), namespaces, names }
    }

    /// With the name of the target namespace where that is meant.
    #[must_use]
    pub fn at(mut self, target_namespace: &str) -> Self {
        if self.namespaces.remove("") {
            self.namespaces.insert(target_namespace.into());
        }
        self
    }

    /// How many names in how many namespaces it lists; all of them are one.
    pub(crate) fn places(&self) -> usize {
        self.namespaces.len().max(1).saturating_mul(self.names.len().max(1))
    }

    fn is_for(&self, other: &Self) -> bool {
        self.side == other.side && self.group == other.group && self.kind == other.kind
    }

    /// Whether it covers every object that the other is about.
    fn reaches(&self, other: &Self) -> bool {
        let within = |mine: &BTreeSet<String>, theirs: &BTreeSet<String>| {
            mine.is_empty() || (!theirs.is_empty() && theirs.is_subset(mine))
        };
        self.is_for(other) && within(&self.namespaces, &other.namespaces) && within(&self.names, &other.names)
    }

    fn allows(&self, target: &Target, verb: Verb) -> bool {
        let holds = |names: &BTreeSet<String>, name: Option<&str>| {
            names.is_empty() || name.is_some_and(|name| names.contains(name))
        };
        self.side == target.side
            && self.group == target.gvk.group
            && self.kind == target.gvk.kind
            && self.verbs.contains(&verb)
            && holds(&self.namespaces, target.key.namespace.as_deref())
            && holds(&self.names, Some(&target.key.name))
    }
}

/// What the target namespace is called where it has no name.
const TARGET: &str = "the target namespace";

/// `create, update virtual apps/Deployment in default`.
impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |names: &BTreeSet<String>| names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let group = if self.group.is_empty() { String::new() } else { format!("{}/", self.group) };
        let verbs: Vec<_> = self.verbs.iter().map(ToString::to_string).collect();
        write!(f, "{} {} {group}{}", verbs.join(", "), self.side, self.kind)?;
        if !self.namespaces.is_empty() {
            let namespaces = self.namespaces.iter().map(|name| if name.is_empty() { TARGET } else { name });
            write!(f, " in {}", namespaces.collect::<Vec<_>>().join(", "))?;
        }
        if !self.names.is_empty() {
            write!(f, " named {}", list(&self.names))?;
        }
        Ok(())
    }
}

/// All that one plugin is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Grants(pub Vec<Grant>);

impl Grants {
    /// With the name of the target namespace where that is meant.
    #[must_use]
    pub fn at(self, target_namespace: &str) -> Self {
        Self(self.0.into_iter().map(|grant| grant.at(target_namespace)).collect())
    }

    /// Whether it is given nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it may do this.
    pub fn allow(&self, target: &Target, verb: Verb) -> bool {
        self.0.iter().any(|grant| grant.allows(target, verb))
    }

    /// What of this is not granted.
    pub fn missing(&self, asked: &[Grant]) -> Vec<Grant> {
        asked
            .iter()
            .filter_map(|asked| {
                let granted = |part: &Grant, verb: Verb| {
                    self.0.iter().any(|grant| grant.verbs.contains(&verb) && grant.reaches(part))
                };
                let mut missing = asked.clone();
                missing.verbs.retain(|&verb| !granted(asked, verb) && !parts(asked).all(|part| granted(&part, verb)));
                (!missing.verbs.is_empty()).then_some(missing)
            })
            .collect()
    }
}

/// The same for one namespace and one name at a time: several grants may cover them together. One after the other, as a
/// plugin may name very many.
fn parts(asked: &Grant) -> impl Iterator<Item = Grant> + '_ {
    let each = |names: &BTreeSet<String>| -> Vec<BTreeSet<String>> {
        match names.is_empty() {
            true => vec![BTreeSet::new()],
            false => names.iter().map(|name| BTreeSet::from([name.clone()])).collect(),
        }
    };
    let (Grant { side, group, kind, .. }, names) = (asked, each(&asked.names));
    let part = |namespaces: &BTreeSet<String>, names: &BTreeSet<String>| Grant {
        side: *side,
        group: group.clone(),
        kind: kind.clone(),
        verbs: BTreeSet::new(),
        namespaces: namespaces.clone(),
        names: names.clone(),
    };
    let of = move |namespaces: BTreeSet<String>| {
        let parts: Vec<_> = names.iter().map(|names| part(&namespaces, names)).collect();
        parts
    };
    each(&asked.namespaces).into_iter().flat_map(of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{Gvk, Key};

    fn grant(json: &str) -> Grant {
        serde_json::from_str(json).unwrap()
    }

    fn secret(namespace: &str, name: &str) -> Target {
        Target { side: Side::Virtual, gvk: Gvk::new("", "v1", "Secret"), key: Key::namespaced(namespace, name) }
    }

    #[test]
    fn a_grant_is_for_its_side_kind_verbs_namespaces_and_names() {
        let grants = Grants(vec![
            grant(r#"{"side":"virtual","kind":"Secret","verbs":["create"],"namespaces":["a"]}"#),
            grant(r#"{"side":"virtual","kind":"Secret","verbs":["delete"],"names":["x"]}"#),
            grant(r#"{"side":"physical","kind":"Secret","verbs":["update"]}"#),
            grant(r#"{"side":"virtual","group":"apps","kind":"Secret","verbs":["update"]}"#),
        ]);
        for (target, verb, allowed) in [
            (secret("a", "x"), Verb::Create, true),
            (secret("b", "x"), Verb::Create, false),
            (secret("b", "x"), Verb::Delete, true),
            (secret("b", "y"), Verb::Delete, false),
            (secret("a", "x"), Verb::Update, false),
        ] {
            assert_eq!(grants.allow(&target, verb), allowed, "{verb} {target}");
        }
    }

    #[test]
    fn what_is_missing_is_told_verb_by_verb() {
        let asked = grant(r#"{"side":"virtual","kind":"Secret","verbs":["create","update"],"namespaces":["a","b"]}"#);
        for (granted, missing) in [
            (r#"{"side":"virtual","kind":"Secret","verbs":["create","update"]}"#, None),
            (r#"{"side":"virtual","kind":"Secret","verbs":["create"]}"#, Some("update virtual Secret in a, b")),
            (
                r#"{"side":"virtual","kind":"Secret","verbs":["create","update"],"namespaces":["a"]}"#,
                Some("create, update virtual Secret in a, b"),
            ),
            (
                r#"{"side":"physical","kind":"Secret","verbs":["create","update"]}"#,
                Some("create, update virtual Secret in a, b"),
            ),
        ] {
            let found = Grants(vec![grant(granted)]).missing(std::slice::from_ref(&asked));
            assert_eq!(found.first().map(ToString::to_string).as_deref(), missing, "{granted}");
        }
    }

    #[test]
    fn several_grants_cover_together_what_none_covers_alone() {
        let of = |more: &str| grant(&format!(r#"{{"side":"virtual","kind":"Secret","verbs":["read"],{more}}}"#));
        let grants = Grants(vec![of(r#""namespaces":["a"]"#), of(r#""namespaces":["b"],"names":["x"]"#)]);
        for (asked, covered) in [
            (r#""namespaces":["a","b"],"names":["x"]"#, true),
            (r#""namespaces":["a","b"]"#, false),
            (r#""namespaces":["a","c"]"#, false),
        ] {
            assert_eq!(grants.missing(&[of(asked)]).is_empty(), covered, "{asked}");
        }
    }

    #[test]
    fn all_is_not_covered_by_some() {
        let asked = grant(r#"{"side":"virtual","kind":"Secret","verbs":["read"]}"#);
        let some = grant(r#"{"side":"virtual","kind":"Secret","verbs":["read"],"names":["x"]}"#);
        assert_eq!(Grants(vec![some]).missing(std::slice::from_ref(&asked)), [asked]);
    }
}
