//! Writes an object such that vCluster gets it whole.
//!
//! vCluster decodes an answer over the object that it has, with Go's `encoding/json`: what the answer does not name
//! stays. A label that a hook took away would come back, and so would what a list's element lost. But Go decodes key
//! after key, and a key may come again. So a part that lost something is written up to three times:
//!
//! ```json
//! { "spec": { "hostname": "", "hostname": null }, "spec": null, "spec": { ... } }
//! ```
//!
//! If the part is a map, a list or a pointer in Go, the `null` empties it. If it is a struct, `null` does nothing, and
//! what it lost was emptied before: a text by `""`, a pointer by `null`. Which of these it is need not be known. Decoders
//! for which the last of equal keys counts see the last one, which is as it should be.

use serde_json::{Map, Value};

/// `after`, in JSON that decoded over `before` gives `after`.
pub fn over(before: &Value, after: &Value) -> String {
    let mut out = String::new();
    match (before, after) {
        // The whole is a struct.
        (Value::Object(before), Value::Object(after)) => {
            out.push('{');
            emptied(before, after, &mut out);
            content(before, after, &mut out);
            close('}', &mut out);
        }
        _ => plain(after, &mut out),
    }
    out
}

/// What there is, anew where it lost something.
fn content(before: &Map<String, Value>, after: &Map<String, Value>, out: &mut String) {
    for (key, after) in after {
        match (before.get(key), after) {
            (Some(Value::Object(before)), Value::Object(after)) if loses(before, after) => {
                if before.keys().any(|key| !after.contains_key(key)) {
                    entry(key, out);
                    out.push('{');
                    emptied(before, after, out);
                    close('}', out);
                    out.push(',');
                }
                null(key, out);
                entry(key, out);
                out.push('{');
                content(before, after, out);
                close('}', out);
            }
            (Some(before @ Value::Array(_)), Value::Array(_)) if before != after => {
                null(key, out);
                entry(key, out);
                plain(after, out);
            }
            _ => {
                entry(key, out);
                plain(after, out);
            }
        }
        out.push(',');
    }
}

/// Whether anything in it has to be emptied first.
fn loses(before: &Map<String, Value>, after: &Map<String, Value>) -> bool {
    before.iter().any(|(key, before)| match (before, after.get(key)) {
        (_, None) => true,
        (Value::Object(before), Some(Value::Object(after))) => loses(before, after),
        (Value::Array(_), Some(after @ Value::Array(_))) => before != after,
        _ => false,
    })
}

/// What is there no more, as nothing, be it a value or a pointer.
fn emptied(before: &Map<String, Value>, after: &Map<String, Value>, out: &mut String) {
    for (key, before) in before.iter().filter(|(key, _)| !after.contains_key(*key)) {
        let zero = match before {
            // A time or an amount, which knows `null` and not "".
            Value::String(text) if text.starts_with(|first: char| !first.is_alphabetic() && !"/_".contains(first)) => {
                None
            }
            Value::String(_) => Some("\"\""),
            Value::Number(_) => Some("0"),
            Value::Bool(_) => Some("false"),
            Value::Object(before) => {
                entry(key, out);
                out.push('{');
                emptied(before, &Map::new(), out);
                close('}', out);
                out.push(',');
                None
            }
            Value::Array(_) | Value::Null => None,
        };
        if let Some(zero) = zero {
            entry(key, out);
            out.push_str(zero);
            out.push(',');
        }
        null(key, out);
    }
}

fn null(key: &str, out: &mut String) {
    entry(key, out);
    out.push_str("null,");
}

fn entry(key: &str, out: &mut String) {
    plain(&Value::from(key), out);
    out.push(':');
}

fn plain(value: &Value, out: &mut String) {
    out.push_str(&value.to_string());
}

/// In place of a comma after the last entry.
fn close(bracket: char, out: &mut String) {
    if out.ends_with(',') {
        out.pop();
    }
    out.push(bracket);
}
