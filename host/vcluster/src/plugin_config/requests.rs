//! Rules as vCluster takes them: no two may have a request in common, not even of one interceptor.

use sluice_core::interception::{Conflict, Owner, Rule, Table, missing};

/// All verbs that a request for a resource has.
const VERBS: [&str; 8] = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

/// The same requests in such rules, and where two overlap such that it cannot be said so.
pub(super) fn apart(rules: impl IntoIterator<Item = (Owner, Rule)>) -> (Vec<(Owner, Rule)>, Vec<Conflict>) {
    let (mut owners, mut said, mut unsaid) = (Vec::<Owner>::new(), Vec::<Rule>::new(), Vec::new());
    for (owner, rule) in rules {
        // What is for all verbs and some names never matches in vCluster: under `*` it looks for the name `*` alone.
        let mut named = rule.clone();
        if !rule.resource_names.is_empty() && rule.verbs.contains("*") {
            named.verbs = VERBS.map(String::from).into();
        }
        named.non_resource_urls.clear();
        let urls = Rule { verbs: rule.verbs, non_resource_urls: rule.non_resource_urls, ..Rule::default() };
        for part in missing(&said, &[named, urls]) {
            let met = said.iter().zip(&owners).find_map(|(rule, owner)| Some((owner, overlap(rule, &part)?)));
            if let Some((one, both)) = met {
                unsaid.push(Conflict { one: one.clone(), other: owner.clone(), both });
            } else {
                owners.push(owner.clone());
                said.push(part);
            }
        }
    }
    (owners.into_iter().zip(said).collect(), unsaid)
}

/// What both are for. A table minds only what is not one interceptor's: so here each is another's.
fn overlap(one: &Rule, other: &Rule) -> Option<Box<Rule>> {
    let owner = |name: &str| Owner { plugin: name.into(), interceptor: String::new() };
    Table::new([(owner("one"), one.clone()), (owner("other"), other.clone())]).err().map(|conflict| conflict.both)
}
