//! One rule: some verbs on some resources, or on some URLs.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::request::{Request, Resource};

/// Stands for all.
const ALL: &str = "*";
/// How many single things the rules of one plugin may stand for: what is compared one by one has an end.
pub(crate) const COMBINATIONS: usize = 10_000;

/// Requests, as a PolicyRule of Kubernetes says them. Versions, namespaces and subresources do not count: `pods` are
/// also their logs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// Of these groups; "" for core.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub api_groups: BTreeSet<String>,
    /// These resources, by their plurals.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub resources: BTreeSet<String>,
    /// Those of these names; none are all. What has no name, such as a list, is in all alone.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub resource_names: BTreeSet<String>,
    /// Paths that lead to no resource; `*` at the end takes what goes on.
    #[serde(default, rename = "nonResourceURLs", skip_serializing_if = "BTreeSet::is_empty")]
    pub non_resource_urls: BTreeSet<String>,
    /// get, list, watch, create, update, patch, delete, deletecollection; of a URL the method in lower case.
    pub verbs: BTreeSet<String>,
}

/// What is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// It would never match.
    #[error("has no verbs; write those that it is for, or [\"*\"]")]
    NoVerbs,
    /// All and some.
    #[error("has \"*\" beside others in {0}; let it stand alone, it is all of them")]
    NotAlone(&'static str),
    /// Nothing at all.
    #[error("has neither apiGroups and resources nor nonResourceURLs; say what it is for")]
    Nothing,
    /// Half a resource.
    #[error("has {0} without {1}; both are needed, and the core group is \"\"")]
    Half(&'static str, &'static str),
    /// A `*` in the middle.
    #[error("has the URL {0:?}; a \"*\" can only be its last character")]
    Url(String),
    /// It would never match.
    #[error("has the verb {0:?}; verbs are in lower case")]
    Case(String),
    /// A word that is none.
    #[error("has an empty text in {0}; leave it out")]
    Empty(&'static str),
}

impl Rule {
    /// Whether it can be meant.
    pub fn check(&self) -> Result<(), Misfit> {
        let Self { api_groups, resources, resource_names, non_resource_urls, verbs } = self;
        if verbs.is_empty() {
            return Err(Misfit::NoVerbs);
        }
        let lists = [("resources", resources), ("resourceNames", resource_names), ("verbs", verbs)];
        let urls = ("nonResourceURLs", non_resource_urls);
        if let Some((field, _)) = lists.iter().chain([&urls]).find(|(_, list)| list.contains("")) {
            return Err(Misfit::Empty(field));
        }
        let mixed = |list: &BTreeSet<String>| list.contains(ALL) && list.len() > 1;
        if let Some((field, _)) = lists.iter().chain([&("apiGroups", api_groups)]).find(|(_, list)| mixed(list)) {
            return Err(Misfit::NotAlone(field));
        }
        match (api_groups.is_empty(), resources.is_empty()) {
            (true, true) if non_resource_urls.is_empty() => return Err(Misfit::Nothing),
            (true, true) if !resource_names.is_empty() => return Err(Misfit::Half("resourceNames", "resources")),
            (true, false) => return Err(Misfit::Half("resources", "apiGroups")),
            (false, true) => return Err(Misfit::Half("apiGroups", "resources")),
            _ => {}
        }
        let inner = |url: &&String| url.strip_suffix(ALL).unwrap_or(url).contains(ALL);
        if let Some(url) = non_resource_urls.iter().find(inner) {
            return Err(Misfit::Url(url.clone()));
        }
        match verbs.iter().find(|verb| verb.chars().any(char::is_uppercase)) {
            Some(verb) => Err(Misfit::Case(verb.clone())),
            None => Ok(()),
        }
    }

    /// How many single things it stands for.
    pub(crate) fn combinations(&self) -> usize {
        let product = |counts: [usize; 3]| counts.into_iter().fold(self.verbs.len(), usize::saturating_mul);
        product([self.api_groups.len(), self.resources.len(), self.resource_names.len().max(1)])
            .saturating_add(product([self.non_resource_urls.len(), 1, 1]))
    }

    /// Whether it is for this request for a resource.
    pub(super) fn takes(&self, verb: &str, resource: &Resource) -> bool {
        let named = match &*resource.name {
            "" => self.every_name(),
            name => self.every_name() || self.resource_names.contains(name),
        };
        named
            && holds(&self.verbs, verb)
            && holds(&self.api_groups, &resource.group)
            && holds(&self.resources, &resource.resource)
    }

    /// How much of a path that leads to no resource its closest URL says; more than any prefix if all of it.
    pub(super) fn reaches(&self, request: &Request) -> Option<usize> {
        if !holds(&self.verbs, &request.verb) {
            return None;
        }
        let said = |url: &String| match url.strip_suffix(ALL) {
            _ if *url == request.path => Some(usize::MAX),
            Some(prefix) if request.path.starts_with(prefix) => Some(prefix.len()),
            _ => None,
        };
        self.non_resource_urls.iter().filter_map(said).max()
    }

    /// What both are for. Of URLs only the same: of those that overlap the longer one counts.
    pub(super) fn overlap(&self, other: &Self) -> Option<Self> {
        // Of thousands most have nothing in common: that is told without making anything.
        let apart = |one: &BTreeSet<String>, other| !one.contains(ALL) && !holds(other, ALL) && one.is_disjoint(other);
        let urls = !self.non_resource_urls.is_disjoint(&other.non_resource_urls);
        if apart(&self.verbs, &other.verbs) || (apart(&self.resources, &other.resources) && !urls) {
            return None;
        }
        let mut both = Self {
            verbs: meet(&self.verbs, &other.verbs),
            api_groups: meet(&self.api_groups, &other.api_groups),
            resources: meet(&self.resources, &other.resources),
            resource_names: meet(&self.names(), &other.names()),
            non_resource_urls: &self.non_resource_urls & &other.non_resource_urls,
        };
        if both.api_groups.is_empty() || both.resources.is_empty() || both.resource_names.is_empty() {
            (both.api_groups, both.resources) = Default::default();
        }
        if both.api_groups.is_empty() || both.every_name() {
            both.resource_names.clear();
        }
        let something = !both.resources.is_empty() || !both.non_resource_urls.is_empty();
        (something && !both.verbs.is_empty()).then_some(both)
    }

    pub(super) fn every_name(&self) -> bool {
        self.resource_names.is_empty() || self.resource_names.contains(ALL)
    }

    /// With a word for all.
    pub(super) fn names(&self) -> BTreeSet<String> {
        if self.every_name() { [ALL.to_owned()].into() } else { self.resource_names.clone() }
    }
}

/// Whether a list has this, by itself or as one of all.
pub(super) fn holds(list: &BTreeSet<String>, one: &str) -> bool {
    list.contains(one) || list.contains(ALL)
}

fn meet(one: &BTreeSet<String>, other: &BTreeSet<String>) -> BTreeSet<String> {
    match (one.contains(ALL), other.contains(ALL)) {
        (true, _) => other.clone(),
        (_, true) => one.clone(),
        _ => one & other,
    }
}

/// `get, list of pods in API group core named john and of /healthz`.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |list: &BTreeSet<String>, all: &str| match list.contains(ALL) {
            true => format!("any {all}"),
            false => list.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
        };
        write!(f, "{}", list(&self.verbs, "verb"))?;
        if !self.resources.is_empty() {
            let groups: BTreeSet<_> = self
                .api_groups
                .iter()
                .map(|group| if group.is_empty() { "core".into() } else { group.clone() })
                .collect();
            let group = if groups.contains(ALL) { "" } else { "API group " };
            write!(f, " of {} in {group}{}", list(&self.resources, "resource"), list(&groups, "API group"))?;
            if !self.every_name() {
                write!(f, " named {}", list(&self.resource_names, "name"))?;
            }
        }
        if !self.non_resource_urls.is_empty() {
            let and = if self.resources.is_empty() { "" } else { " and" };
            let urls: Vec<_> = self.non_resource_urls.iter().map(String::as_str).collect();
            write!(f, "{and} of {}", urls.join(", "))?;
        }
        Ok(())
    }
}
