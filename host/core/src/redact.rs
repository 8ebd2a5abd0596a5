//! What is told to users and logs, without names of the wrong side and without secrets.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::key::Direction;
use crate::object::Object;
use crate::pair::Pair;

/// Shorter values are no secrets but words, and would be found everywhere.
const SHORTEST: usize = 4;
/// What stands in place of a secret.
const HIDDEN: &str = "***";

/// A message about a pair for whoever sees the virtual object alone: physical names are translated back, and what a
/// Secret holds is left out.
pub fn for_virtual(message: &str, pair: &Pair) -> String {
    let message = without_secrets(message, pair);
    let (physical, virtual_) = (&pair.physical_key, &pair.key);
    let told = replace(&message, &physical.to_string(), &virtual_.to_string(), |_, _| true);
    // The name of a copy is like no word; another may be one.
    let copy = pair.direction == Direction::Down;
    let told = replace(&told, &physical.name, &virtual_.name, |before, after| copy || is_name(before, after));
    match (&physical.namespace, &virtual_.namespace) {
        (Some(physical), Some(virtual_)) => replace(&told, physical, virtual_, is_name),
        _ => told,
    }
}

/// Replaces what is no part of something longer, where what is before and after it says so.
fn replace(text: &str, from: &str, to: &str, fits: impl Fn(&str, &str) -> bool) -> String {
    let part = |char: char| char.is_ascii_alphanumeric() || char == '-';
    let (mut told, mut done) = (String::new(), 0);
    for (at, _) in text.match_indices(from) {
        let (before, after) = (&text[..at], &text[at + from.len()..]);
        if !before.ends_with(part) && !after.starts_with(part) && fits(before, after) {
            told.push_str(&text[done..at]);
            told.push_str(to);
            done = at + from.len();
        }
    }
    told.push_str(&text[done..]);
    told
}

/// Whether what stands between these is a name, and not a word that is spelt like it.
fn is_name(before: &str, after: &str) -> bool {
    let marks = ['"', '\'', '`', '/', ':'];
    before.ends_with(marks) || after.starts_with(marks) || before.ends_with("namespace ")
}

/// Somebody else's words as one line: at most so many bytes, of whole characters, none of which does anything to a
/// terminal.
pub fn line(text: &str, bytes: usize) -> String {
    let shown = text[..text.floor_char_boundary(bytes)].chars();
    shown.map(|char| if char.is_control() { ' ' } else { char }).collect()
}

/// A message about a pair without what its Secrets hold.
pub fn without_secrets(message: &str, pair: &Pair) -> String {
    let halves = pair.virtual_.iter().chain(&pair.physical);
    let mut secrets: Vec<String> = halves.flat_map(|object| secrets(object)).collect();
    // The longest first: one may hold another.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    let mut told = message.to_owned();
    for secret in secrets {
        if told.contains(&secret) {
            told = told.replace(&secret, HIDDEN);
        }
    }
    told
}

/// Every value of a Secret, as it is stored and as it is meant.
fn secrets(object: &Object) -> BTreeSet<String> {
    let value: Value = match serde_json::from_str(&object.json) {
        Ok(Value::Object(map)) if map.get("kind").is_some_and(|kind| kind == "Secret") => Value::Object(map),
        _ => return BTreeSet::new(),
    };
    let of = |field: &str| value[field].as_object().into_iter().flatten().filter_map(|(_, value)| value.as_str());
    let stored = of("data").flat_map(|text| [Some(text.to_owned()), decode(text)]).flatten();
    let all = stored.chain(of("stringData").map(Into::into));
    // Of a text of several lines each may be quoted alone, and an API server quotes as Go does.
    let lines = all.flat_map(|text| {
        let lines: Vec<String> = text.lines().map(Into::into).collect();
        let quoted = format!("{text:?}");
        [vec![quoted[1..quoted.len() - 1].to_owned(), text], lines].concat()
    });
    lines.filter(|text| text.len() >= SHORTEST).collect()
}

/// Text behind base64, if it is any.
fn decode(text: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::key::{Gvk, Key};

    fn pair(kind: &str, data: Value) -> Pair {
        let object =
            json!({ "kind": kind, "apiVersion": "v1", "metadata": { "name": "a", "namespace": "d" }, "data": data });
        let object = Object::parse(&Gvk::new("", "v1", kind), &object.to_string()).unwrap();
        Pair {
            direction: Direction::Down,
            key: Key::namespaced("d", "a"),
            physical_key: Key::namespaced("ns", "a-x-d-x-vc"),
            virtual_: Some(Arc::new(object)),
            physical: None,
            settled: None,
        }
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(line("aä", 5), "aä");
        assert_eq!(line("aä", 2), "a");
        assert_eq!(line("a\u{1b}[1m\n", 9), "a [1m ");
        assert_eq!(line(&"ä".repeat(600), 1024).len(), 1024);
    }

    #[test]
    fn names_are_translated_back() {
        let pair = pair("ConfigMap", json!({}));
        for (message, told) in [
            ("cannot patch ns/a-x-d-x-vc: no", "cannot patch d/a: no"),
            (
                r#"configmaps "a-x-d-x-vc" is forbidden in the namespace "ns""#,
                r#"configmaps "a" is forbidden in the namespace "d""#,
            ),
            (r#"User "system:serviceaccount:ns:x" may not"#, r#"User "system:serviceaccount:d:x" may not"#),
            ("no new content in namespace ns because it ends", "no new content in namespace d because it ends"),
            ("a-x-d-x-vc-x is another's, ns-1/a-x-d-x-vc too", "a-x-d-x-vc-x is another's, ns-1/a too"),
            ("ns is also a word", "ns is also a word"),
        ] {
            assert_eq!(for_virtual(message, &pair), told);
        }
    }

    #[test]
    fn a_name_that_is_spelt_like_a_word_leaves_the_words_alone() {
        let pair = Pair {
            direction: Direction::Up,
            physical_key: Key::namespaced("in", "a"),
            key: Key::namespaced("d", "b"),
            ..pair("ConfigMap", json!({}))
        };
        let told = for_virtual(r#"a change of in/a in "in" is a "a""#, &pair);
        assert_eq!(told, r#"a change of d/b in "d" is a "b""#);
    }

    #[test]
    fn what_a_secret_holds_is_left_out_as_stored_and_as_meant() {
        // "hunter22", "first line\nsecond", "abc"
        let data = json!({ "a": "aHVudGVyMjI=", "b": "Zmlyc3QgbGluZQpzZWNvbmQ=", "c": "YWJj" });
        let secret = pair("Secret", data.clone());
        for (message, told) in [
            ("the value hunter22 is bad", "the value *** is bad"),
            (r#"Invalid value: "aHVudGVyMjI=""#, r#"Invalid value: "***""#),
            ("second to none", "*** to none"),
            (r#""first line\nsecond""#, r#""***""#),
            ("abc is too short to hide", "abc is too short to hide"),
        ] {
            assert_eq!(without_secrets(message, &secret), told);
        }
        assert_eq!(without_secrets("hunter22", &pair("ConfigMap", data)), "hunter22");
    }
}
