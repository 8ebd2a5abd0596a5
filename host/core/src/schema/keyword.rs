//! Keywords that look at a value alone, and words for what a schema wants.

use serde_json::Value;

/// What a keyword that looks at a value alone has to say against it.
pub(super) fn alone(keyword: &str, limit: &Value, value: &Value) -> Option<String> {
    let (number, length) = (value.as_f64(), value.as_str().map(|text| text.chars().count() as u64));
    let (items, most) = (value.as_array().map(|list| list.len() as u64), limit.as_u64().unwrap_or(0));
    let bound = limit.as_f64().unwrap_or(0.0);
    let fits = match keyword {
        "type" => match limit {
            Value::Array(types) => types.iter().filter_map(Value::as_str).any(|name| is(value, name)),
            name => is(value, name.as_str().unwrap_or_default()),
        },
        "enum" => limit.as_array().is_some_and(|all| all.contains(value)),
        "const" => limit == value,
        "minimum" => number.is_none_or(|number| number >= bound),
        "maximum" => number.is_none_or(|number| number <= bound),
        "minLength" => length.is_none_or(|length| length >= most),
        "maxLength" => length.is_none_or(|length| length <= most),
        "minItems" => items.is_none_or(|items| items >= most),
        "maxItems" => items.is_none_or(|items| items <= most),
        "minProperties" => value.as_object().is_none_or(|map| map.len() as u64 >= most),
        "uniqueItems" => {
            let list = value.as_array().filter(|_| limit == true);
            list.is_none_or(|list| list.iter().enumerate().all(|(at, one)| !list[..at].contains(one)))
        }
        _ => true,
    };
    let kind = kind(value);
    (!fits).then(|| match keyword {
        "type" => format!("expected {}, and it is {kind}", types(limit)),
        "enum" => format!("expected one of {}", list(limit)),
        "const" => format!("expected {limit}"),
        "minimum" => format!("at least {limit} is expected"),
        "maximum" => format!("at most {limit} is expected"),
        "minLength" => format!("at least {limit} characters are expected"),
        "maxLength" => format!("at most {limit} characters are expected"),
        "minItems" | "minProperties" => format!("at least {limit} entries are expected"),
        "maxItems" => format!("at most {limit} entries are expected"),
        _ => "an entry is there twice".into(),
    })
}

/// How many entries a keyword has gone through, one by one.
pub(super) fn entries(keyword: &str, limit: &Value, value: &Value) -> usize {
    let count = |list: &Value| list.as_array().map_or(0, Vec::len);
    match keyword {
        "uniqueItems" => count(value).saturating_mul(count(value)) / 16,
        _ => count(limit),
    }
}

fn is(value: &Value, name: &str) -> bool {
    match name {
        "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        name => kind(value) == name,
    }
}

/// As JSON schema calls it. The value itself is not told: it may be a secret.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn types(limit: &Value) -> String {
    match limit {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        name => name.as_str().unwrap_or_default().into(),
    }
}

fn list(limit: &Value) -> String {
    let all: Vec<String> = limit.as_array().into_iter().flatten().map(ToString::to_string).collect();
    all.join(", ")
}

/// What an alternative wants, in a few words.
pub(super) fn describe(schema: &Value) -> String {
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let required: Vec<&str> = required.collect();
    match (schema.get("const"), schema.get("enum"), schema.get("type")) {
        (Some(value), ..) => value.to_string(),
        (_, Some(all), _) => list(all),
        (.., Some(name)) if required.is_empty() => types(name),
        (.., Some(name)) => format!("{} with {}", types(name), required.join(", ")),
        _ => schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|name| name.rsplit('/').next())
            .unwrap_or("another form")
            .into(),
    }
}
