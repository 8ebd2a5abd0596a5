//! One change to an input.

use crate::random::Random;
use crate::shape::{Span, outline};
use crate::words::{VALUES, WORDS};

/// Changes any bytes. Mostly among the first 64 KB, where the headers of a large input are.
pub(crate) fn bytes(input: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let near = if random.once_in(3) { input.len() } else { input.len().min(64 << 10) };
    let at = random.below(near);
    let rest = input.len() - at;
    let most = if random.once_in(4) { 256 } else { 8 };
    let length = (1 + random.below(most)).min(rest);
    match random.below(9) {
        _ if input.is_empty() => input.extend_from_slice(other),
        0 => input[at] ^= 1 << random.below(8),
        1 => input[at] = *random.pick(&[0, 1, 0x7f, 0x80, 0xff, b'{', b'"', b'\n']).unwrap_or(&0),
        2 => input[at] = input[at].wrapping_add(if random.once_in(2) { 1 } else { 0xff }),
        3 => drop(input.drain(at..at + length)),
        4 => {
            let copy = input[at..at + length].to_vec();
            let to = random.below(input.len());
            input.splice(to..to, copy);
        }
        5 => input.truncate(at),
        6 => {
            let from = random.below(other.len());
            let copy = &other[from..(from + length).min(other.len())];
            input.splice(at..at + length, copy.iter().copied());
        }
        7 => drop(input.splice(at..at, pick(WORDS, random))),
        _ => input[at] = u8::try_from(random.below(256)).unwrap_or(0),
    }
}

/// Changes lines: order, indentation, number, and words in them.
pub(crate) fn lines(input: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let mut all: Vec<Vec<u8>> = input.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    if all.is_empty() {
        return;
    }
    let (at, to) = (random.below(all.len()), random.below(all.len()));
    match random.below(7) {
        0 => drop(all.remove(at)),
        1 => all.swap(at, to),
        2 => {
            let line = all[at].clone();
            let times = random.times().min((256 << 10) / (line.len() + 1)).max(1);
            all.splice(to..to, std::iter::repeat_n(line, times));
        }
        3 => drop(all[at].splice(0..0, b"  ".repeat(1 + random.below(3)))),
        4 => {
            let spaces = all[at].iter().take_while(|&&byte| byte == b' ').count();
            all[at].drain(..spaces.min(2));
        }
        5 => {
            let lines: Vec<_> = other.split_inclusive(|&byte| byte == b'\n').collect();
            all.splice(to..to, random.pick(&lines).map(|line| line.to_vec()));
        }
        _ => {
            let marks = [" &a", " *a", "<<: *a", "- ", "!!str ", "|\n", "? ", ": ", "\"", "'", "#", "{", "}", "---\n"];
            let word = if random.once_in(2) { pick(&marks, random) } else { pick(WORDS, random) };
            let place = random.below(all[at].len());
            all[at].splice(place..place, word);
        }
    }
    *input = all.concat();
}

/// Changes values, members, keys, nesting and texts; what it makes of JSON is mostly JSON.
pub(crate) fn json(input: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let spans = outline(input);
    let Some(&span) = random.pick(&spans) else { return bytes(input, other, random) };
    let Span { whole, start, end } = span;
    match random.below(12) {
        0 | 1 => drop(input.splice(start..end, value(random))),
        2 | 3 => {
            let of = if random.once_in(2) { input.clone() } else { other.to_vec() };
            let value = random.pick(&outline(&of)).map(|span| of[span.start..span.end].to_vec());
            input.splice(start..end, value.into_iter().flatten());
        }
        4 => remove(input, span),
        5 | 6 => repeat(input, span, random),
        7 => {
            let (open, close) = *random.pick(&[("[", "]"), (r#"{"a":"#, "}"), (r#"{"":"#, "}")]).unwrap_or(&("[", "]"));
            let times = random.times().min(10_000);
            let inner = [open.repeat(times).into_bytes(), input[start..end].to_vec(), close.repeat(times).into_bytes()];
            input.splice(start..end, inner.concat());
        }
        8 if span.has_key() => {
            let key =
                if random.once_in(2) { random.pick(WORDS).map(|word| quoted(word)) } else { other_key(other, random) };
            let colon = key_end(input, whole);
            input.splice(whole..colon, key.into_iter().flatten());
        }
        9 => drop(input.splice(start..start, pick(&["  ", "\n\t"], random))),
        10 => {
            // A member of another input beside this one.
            let found =
                outline(other).into_iter().filter(|found| found.has_key() == span.has_key()).collect::<Vec<_>>();
            let more = random.pick(&found).map(|found| [b",", &other[found.whole..found.end]].concat());
            input.splice(end..end, more.into_iter().flatten());
        }
        _ => text(input, span, random),
    }
}

/// One of these texts.
fn pick<'a>(all: &[&'a str], random: &mut Random) -> std::str::Bytes<'a> {
    random.pick(all).copied().unwrap_or_default().bytes()
}

fn value(random: &mut Random) -> Vec<u8> {
    match random.below(4) {
        0 => random.pick(WORDS).map(|word| quoted(word)).unwrap_or_default(),
        1 => format!("\"{}\"", "a".repeat(random.times())).into_bytes(),
        _ => random.pick(VALUES).map(|value| value.as_bytes().to_vec()).unwrap_or_default(),
    }
}

fn quoted(word: &str) -> Vec<u8> {
    serde_json::Value::from(word).to_string().into_bytes()
}

fn key_end(text: &[u8], start: usize) -> usize {
    crate::shape::string_end(text, start)
}

fn other_key(other: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let keys: Vec<_> = outline(other).into_iter().filter(Span::has_key).collect();
    random.pick(&keys).map(|span| other[span.whole..key_end(other, span.whole)].to_vec())
}

/// With the comma that parts it from its neighbour.
fn remove(input: &mut Vec<u8>, Span { whole, end, .. }: Span) {
    let is_space = |byte: &&u8| byte.is_ascii_whitespace();
    let after = end + input[end..].iter().take_while(is_space).count();
    if input.get(after) == Some(&b',') {
        input.drain(whole..=after);
        return;
    }
    let before = whole - input[..whole].iter().rev().take_while(is_space).count();
    let from = if input[..before].ends_with(b",") { before - 1 } else { whole };
    input.drain(from..end);
}

/// The same beside it, once or very often; members under their key or under one each.
fn repeat(input: &mut Vec<u8>, span: Span, random: &mut Random) {
    let member = input[span.whole..span.end].to_vec();
    let times = random.times().min((256 << 10) / (member.len() + 8)).max(1);
    let numbered = span.has_key() && !random.once_in(4);
    let mut more = Vec::new();
    for number in 0..times {
        more.push(b',');
        if numbered {
            let close = key_end(&member, 0).saturating_sub(1);
            more.extend_from_slice(&member[..close]);
            more.extend_from_slice(number.to_string().as_bytes());
            more.extend_from_slice(&member[close..]);
        } else if !span.has_key() && member.ends_with(b"\"") && random.once_in(2) {
            more.extend_from_slice(&member[..member.len() - 1]);
            more.extend_from_slice(format!("{number}\"").as_bytes());
        } else {
            more.extend_from_slice(&member);
        }
    }
    input.splice(span.end..span.end, more);
}

/// Something within a text; of what is no text, a digit.
fn text(input: &mut Vec<u8>, Span { start, end, .. }: Span, random: &mut Random) {
    if input[start] != b'"' || end - start < 2 {
        let at = start + random.below(end - start);
        input[at] = *random.pick(b"0123456789-.e").unwrap_or(&b'0');
        return;
    }
    let at = start + 1 + random.below(end - start - 1);
    match random.below(4) {
        0 => drop(input.splice(at..at, pick(WORDS, random))),
        1 if at + 1 < end => {
            // The same in another spelling.
            let escaped = format!("\\u{:04x}", input[at]);
            if input[at].is_ascii_alphanumeric() && input[at - 1] != b'\\' {
                input.splice(at..=at, escaped.into_bytes());
            }
        }
        2 if at + 1 < end => drop(input.remove(at)),
        _ => drop(input.splice(at..at, pick(&["\\n", "\\\"", "/*", "~1", "a,"], random))),
    }
}
