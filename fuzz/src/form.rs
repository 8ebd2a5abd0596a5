//! What form the inputs of a target have, and how much of it a change keeps.

use crate::change::{bytes, json, lines};
use crate::random::Random;

/// How long an input may get, in bytes. Enough that what is quadratic takes its second.
const LONGEST: usize = 512 << 10;

/// The form of inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// JSON: values, members and nesting are changed.
    Json,
    /// YAML: lines are, and what is JSON within.
    Yaml,
    /// Anything else.
    Bytes,
}

impl Form {
    /// One of the corpus, changed a few times.
    pub(crate) fn changed(self, corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
        let nothing = Vec::new();
        let mut input = random.pick(corpus).unwrap_or(&nothing).clone();
        for _ in 0..1 + random.below(6) {
            let other = random.pick(corpus).unwrap_or(&nothing);
            let before = input.clone();
            match self {
                Self::Json if !random.once_in(12) => json(&mut input, other, random),
                Self::Yaml if random.once_in(3) => json(&mut input, other, random),
                Self::Yaml if !random.once_in(6) => lines(&mut input, other, random),
                _ => bytes(&mut input, other, random),
            }
            if input.len() > LONGEST {
                input = before;
            }
        }
        input
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_the_same_whenever_it_is_made() {
        let corpus = vec![br#"{"a":[1,{"b":"c"}]}"#.to_vec(), b"a: b\nc:\n  d: e\n".to_vec(), vec![0, 1, 2, 3]];
        for form in [Form::Json, Form::Yaml, Form::Bytes] {
            let all = |seed| (0..500).map(|run| crate::case(form, &corpus, seed, run)).collect::<Vec<_>>();
            assert_eq!(all(7), all(7));
            assert_ne!(all(7), all(8));
            assert_eq!(all(7)[..3], corpus);
        }
    }

    #[test]
    fn most_of_what_json_becomes_is_json() {
        let corpus = vec![br#"{"metadata":{"name":"a","labels":{"b":"c"}},"data":[1,2,{"x":null}]}"#.to_vec()];
        let is_json = |run| serde_json::from_slice::<serde::de::IgnoredAny>(&crate::case(Form::Json, &corpus, 1, run));
        let whole = (1..1_001).filter(|&run| is_json(run).is_ok()).count();
        assert!(whole > 600, "{whole} of 1000");
    }
}
