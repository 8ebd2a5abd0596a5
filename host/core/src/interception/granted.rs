//! What of an interceptor's rules the operator has not granted.

use std::collections::BTreeSet;

use super::rule::{Rule, holds};

/// The least rules that would have to be granted too: each single thing that is asked for has to be in one that is.
pub fn missing(granted: &[Rule], asked: &[Rule]) -> Vec<Rule> {
    asked.iter().flat_map(|rule| [resources(granted, rule), urls(granted, rule)]).flatten().collect()
}

fn resources(granted: &[Rule], asked: &Rule) -> Option<Rule> {
    let mut missing = Rule::default();
    let names = asked.names();
    for group in &asked.api_groups {
        for resource in &asked.resources {
            for verb in &asked.verbs {
                for name in &names {
                    let covers = |rule: &&Rule| {
                        holds(&rule.api_groups, group)
                            && holds(&rule.resources, resource)
                            && holds(&rule.verbs, verb)
                            && (rule.every_name() || rule.resource_names.contains(name))
                    };
                    if !granted.iter().any(|rule| covers(&rule)) {
                        add(&mut missing.api_groups, group);
                        add(&mut missing.resources, resource);
                        add(&mut missing.verbs, verb);
                        add(&mut missing.resource_names, name);
                    }
                }
            }
        }
    }
    if missing.resource_names.contains("*") {
        missing.resource_names.clear();
    }
    (!missing.verbs.is_empty()).then_some(missing)
}

fn urls(granted: &[Rule], asked: &Rule) -> Option<Rule> {
    let mut missing = Rule::default();
    for url in &asked.non_resource_urls {
        for verb in &asked.verbs {
            // One that ends with * has what begins as it does, and ends with * or not.
            let covers = |granted: &String| {
                granted == url || granted.strip_suffix('*').is_some_and(|prefix| url.starts_with(prefix))
            };
            if !granted.iter().any(|rule| holds(&rule.verbs, verb) && rule.non_resource_urls.iter().any(covers)) {
                add(&mut missing.non_resource_urls, url);
                add(&mut missing.verbs, verb);
            }
        }
    }
    (!missing.verbs.is_empty()).then_some(missing)
}

fn add(list: &mut BTreeSet<String>, one: &str) {
    if !list.contains(one) {
        list.insert(one.to_owned());
    }
}
