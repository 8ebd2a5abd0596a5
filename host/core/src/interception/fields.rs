//! Field selectors, so far as they name one object.

/// The name that an object needs to have to be selected, if the selector says one. One that cannot be parsed, or says a
/// name that no object has, says none.
pub(super) fn exact_name(selector: &str) -> Option<String> {
    let mut terms = terms(selector);
    // Of several the one that Kubernetes takes.
    terms.sort_unstable();
    let mut name = None;
    for term in terms.into_iter().filter(|term| !term.is_empty()) {
        let (field, value, equals) = part(term)?;
        let value = unescape(value)?;
        if equals && field == "metadata.name" && name.is_none() {
            name = Some(value);
        }
    }
    name.filter(|name| !matches!(&**name, "." | "..") && !name.contains(['/', '%']))
}

/// Parted at commas, but for those behind a backslash.
fn terms(selector: &str) -> Vec<&str> {
    let (mut terms, mut start, mut escaped) = (Vec::new(), 0, false);
    for (at, char) in selector.char_indices() {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                terms.push(&selector[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    terms.push(&selector[start..]);
    terms
}

/// Field, value, and whether they have to be equal.
fn part(term: &str) -> Option<(&str, &str, bool)> {
    term.char_indices().find_map(|(at, _)| {
        let (field, rest) = term.split_at(at);
        let operators = [("!=", false), ("==", true), ("=", true)];
        operators.into_iter().find_map(|(operator, equals)| Some((field, rest.strip_prefix(operator)?, equals)))
    })
}

fn unescape(value: &str) -> Option<String> {
    let (mut text, mut chars) = (String::with_capacity(value.len()), value.chars());
    while let Some(char) = chars.next() {
        text.push(match char {
            '\\' => chars.next().filter(|char| matches!(char, '\\' | ',' | '='))?,
            ',' | '=' => return None,
            char => char,
        });
    }
    Some(text)
}
