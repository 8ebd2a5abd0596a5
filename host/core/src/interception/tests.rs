//! Tables of what interceptors answer, and of what they may.

mod granted;
mod passing;
mod requests;
mod rules;
mod tables;

use serde_json::Value;

use super::{Owner, Rule, Table};

/// A rule in JSON.
fn rule(json: Value) -> Rule {
    serde_json::from_value(json).unwrap()
}

/// The table of interceptors of these rules, called a, b, ... each of a plugin of its own.
fn table(interceptors: &[Vec<Rule>]) -> Result<Table, super::Conflict> {
    let owner = |at: u8| Owner { plugin: char::from(b'a' + at).into(), interceptor: "i".into() };
    Table::new((0..).zip(interceptors).flat_map(|(at, rules)| rules.iter().map(move |rule| (owner(at), rule.clone()))))
}
