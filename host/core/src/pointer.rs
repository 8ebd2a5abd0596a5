//! One value of a JSON text, found without parsing the rest.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// How deep a value can be. What nests more deeply is parsed nowhere, and each level is read again.
pub(crate) const DEPTH: usize = 128;

/// The text of the value at a JSON pointer (RFC 6901); none where there is nothing, where the pointer
/// is none, and 128 levels down.
pub fn get<'a>(json: &'a str, pointer: &str) -> Option<&'a str> {
    if pointer.is_empty() {
        return Some(json);
    }
    if pointer.matches('/').count() > DEPTH {
        return None;
    }
    pointer.strip_prefix('/')?.split('/').try_fold(json, |json, token| {
        let token = Cow::from(token);
        let token = if token.contains('~') { token.replace("~1", "/").replace("~0", "~").into() } else { token };
        let mut deserializer = serde_json::Deserializer::from_str(json);
        Member(&token).deserialize(&mut deserializer).ok()?.map(RawValue::get)
    })
}

/// The member of an object, or the element of an array.
struct Member<'t>(&'t str);

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(same) = map.next_key_seed(Same(self.0))? {
            if same {
                found = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let digits = !self.0.is_empty() && self.0.bytes().all(|byte| byte.is_ascii_digit());
        let plain = digits && (self.0 == "0" || !self.0.starts_with('0'));
        let index = self.0.parse::<usize>().ok().filter(|_| plain);
        let (mut found, mut at) = (None, 0);
        loop {
            if index == Some(at) {
                found = list.next_element()?;
            } else if list.next_element::<IgnoredAny>()?.is_none() {
                return Ok(found);
            }
            at += 1;
        }
    }
}

/// Whether a key is this one.
struct Same<'t>(&'t str);

impl<'de> DeserializeSeed<'de> for Same<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Same<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_find_what_rfc_6901_says() {
        let json = r#"{"foo": ["bar", {"x":1}], "": 0, "a/b": 1, "m~n": 8, "esc\"aped": {"k": null}}"#;
        for (pointer, value) in [
            ("", Some(json)),
            ("/foo", Some(r#"["bar", {"x":1}]"#)),
            ("/foo/0", Some(r#""bar""#)),
            ("/foo/1/x", Some("1")),
            ("/", Some("0")),
            ("/a~1b", Some("1")),
            ("/m~0n", Some("8")),
            ("/esc\"aped/k", Some("null")),
            ("/foo/2", None),
            ("/foo/00", None),
            ("/foo/-", None),
            ("/foo/0/x", None),
            ("/nothing", None),
            ("foo", None),
        ] {
            assert_eq!(get(json, pointer), value, "{pointer}");
        }
        let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
        assert_eq!(get(&deep, &"/0".repeat(127)).map(str::len), Some(2 * 73 + 1));
        assert_eq!(get(&deep, &"/0".repeat(129)), None);
    }
}
