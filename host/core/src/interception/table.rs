//! Who answers which request.

use std::fmt;

use super::request::Request;
use super::rule::Rule;

/// Whose a rule is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The operator's name of the plugin.
    pub plugin: String,
    /// The interceptor's name in its registration.
    pub interceptor: String,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.plugin, self.interceptor)
    }
}

/// Two interceptors want the same request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "interceptors \"{one}\" and \"{other}\" both answer {both}; \
     remove one of them, or let them take different resources, names, verbs or URLs"
)]
pub struct Conflict {
    /// The first.
    pub one: Owner,
    /// The second.
    pub other: Owner,
    /// What both want.
    pub both: Box<Rule>,
}

/// All rules of all plugins.
#[derive(Clone, Debug, Default)]
pub struct Table(Vec<(Owner, Rule)>);

impl Table {
    /// Of these rules, each with whose it is.
    ///
    /// # Errors
    /// Two interceptors want the same. Those of one may overlap, and so may URLs that end with `*`.
    pub fn new(rules: impl IntoIterator<Item = (Owner, Rule)>) -> Result<Self, Conflict> {
        let rules: Vec<_> = rules.into_iter().collect();
        for (at, (one, rule)) in rules.iter().enumerate() {
            for (other, theirs) in rules[at + 1..].iter().filter(|(other, _)| other != one) {
                if let Some(both) = rule.overlap(theirs) {
                    return Err(Conflict { one: one.clone(), other: other.clone(), both: both.into() });
                }
            }
        }
        Ok(Self(rules))
    }

    /// Whether nothing is ever answered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Who answers this, if anybody. Of resources only one has a rule that matches, as more would be a conflict, so that
    /// what is said counts before what `*` stands for by itself. Of URLs the whole path counts before its beginning,
    /// and the longer beginning before the shorter.
    pub fn find(&self, request: &Request) -> Option<&Owner> {
        let found = match &request.resource {
            Some(resource) => self.0.iter().find(|(_, rule)| rule.takes(&request.verb, resource)),
            None => {
                let reach = |entry: &'_ &(Owner, Rule)| entry.1.reaches(request);
                self.0.iter().filter(|entry| reach(entry).is_some()).max_by_key(reach)
            }
        };
        found.map(|(owner, _)| owner)
    }
}
