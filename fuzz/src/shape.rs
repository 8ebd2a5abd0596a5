//! Where the values of a JSON text stand. The text may be broken: what is recognised is given.

/// A value in a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    /// Where its key begins; without one, where it does itself.
    pub(crate) whole: usize,
    /// Where it begins.
    pub(crate) start: usize,
    /// Where it has ended.
    pub(crate) end: usize,
}

impl Span {
    pub(crate) fn has_key(&self) -> bool {
        self.whole < self.start
    }
}

/// All values, the inner ones first. Depth is no matter: there is no recursion.
pub(crate) fn outline(text: &[u8]) -> Vec<Span> {
    let (mut spans, mut open, mut key) = (Vec::new(), Vec::new(), None::<usize>);
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let start = at;
        match byte {
            b'{' | b'[' => {
                open.push((key.take().unwrap_or(start), start));
                at += 1;
            }
            b'}' | b']' => {
                at += 1;
                if let Some((whole, start)) = open.pop() {
                    spans.push(Span { whole, start, end: at });
                }
            }
            b'"' => {
                at = string_end(text, at);
                let colon = at + text[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                if key.is_none() && text.get(colon) == Some(&b':') {
                    key = Some(start);
                    at = colon + 1;
                } else {
                    spans.push(Span { whole: key.take().unwrap_or(start), start, end: at });
                }
            }
            b',' | b':' | b' ' | b'\n' | b'\r' | b'\t' => at += 1,
            _ => {
                at += text[at..].iter().take_while(|byte| !b",:]}[{\" \n\r\t".contains(byte)).count().max(1);
                spans.push(Span { whole: key.take().unwrap_or(start), start, end: at });
            }
        }
    }
    spans
}

/// Where a string has ended that begins here.
pub(crate) fn string_end(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = text.get(at) {
        at += if byte == b'\\' { 2 } else { 1 };
        if byte == b'"' {
            break;
        }
    }
    at.min(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_with_their_keys_in_whole_and_broken_texts() {
        let text = br#"{"a": [1, "x\"y"], "b":{}, "c" "#;
        let found: Vec<_> = outline(text).iter().map(|span| text[span.whole..span.end].to_vec()).collect();
        let found: Vec<_> = found.iter().map(|text| String::from_utf8_lossy(text)).collect();
        assert_eq!(found, ["1", r#""x\"y""#, r#""a": [1, "x\"y"]"#, r#""b":{}"#, r#""c""#]);
        assert!(outline(&b"[".repeat(100_000)).is_empty());
    }
}
