//! A small mutation fuzzer, for whoever has a stable compiler and nothing else.
//!
//! It knows nothing of what the code does with an input: coverage is not measured, no input is kept because it was new.
//! What it has instead is a corpus that is good to begin with, changes that keep the form of an input, and targets that
//! state what has to hold, so that a wrong answer is found as well as a panic.
//!
//! Input `n` of a seed is always the same, whatever came before it: [`case`].
//!
//! Reading order: [`target`] says what is thrown at, `shape` and `change` how inputs are made, [`trial`] what a finding
//! is; the program runs each target in a child, so that an input which ends the process is found too.
#![forbid(unsafe_code)]

mod change;
pub mod corpus;
mod form;
pub mod random;
mod shape;
pub mod target;
pub mod trial;
mod words;

pub use form::Form;

use random::Random;

/// Input `run` of this seed: first the corpus as it is, then what changes make of it.
pub fn case(form: Form, corpus: &[Vec<u8>], seed: u64, run: u64) -> Vec<u8> {
    match usize::try_from(run).ok().and_then(|run| corpus.get(run)) {
        Some(input) => input.clone(),
        None => form.changed(corpus, &mut Random::of(seed, run)),
    }
}
