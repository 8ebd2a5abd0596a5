//! What is thrown at, and what has to hold there.

mod bundle;
mod component;
mod config;
mod names;
mod object;
mod plan;
mod registration;
mod schema;

use std::time::Duration;

use anyhow::Result;

use crate::corpus;
use crate::form::Form;

/// Something that reads what others wrote.
pub trait Target {
    /// What it is called, and its folder of the corpus.
    const NAME: &'static str;
    /// What its inputs are.
    const FORM: Form = Form::Json;
    /// How long a run may take.
    const SLOW: Duration = Duration::from_secs(1);

    /// Panics if something does not hold. An input that means nothing is passed over.
    fn run(input: &[u8]);

    /// Inputs beside the corpus.
    ///
    /// # Errors
    /// There should be some.
    fn more() -> Result<Vec<Vec<u8>>> {
        Ok(Vec::new())
    }
}

/// A target as a value.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// See [`Target::NAME`].
    pub name: &'static str,
    /// See [`Target::FORM`].
    pub form: Form,
    /// See [`Target::SLOW`].
    pub slow: Duration,
    /// See [`Target::run`].
    pub run: fn(&[u8]),
    more: fn() -> Result<Vec<Vec<u8>>>,
}

impl Entry {
    const fn of<T: Target>() -> Self {
        Self { name: T::NAME, form: T::FORM, slow: T::SLOW, run: T::run, more: T::more }
    }

    /// All that its inputs are made from.
    ///
    /// # Errors
    /// The corpus cannot be read, or guests are not built.
    pub fn corpus(&self) -> Result<Vec<Vec<u8>>> {
        let (mut all, more) = (corpus::of(self.name)?, (self.more)()?);
        all.extend(more);
        Ok(all)
    }
}

/// All of them.
pub const TARGETS: [Entry; 8] = [
    Entry::of::<object::Intake>(),
    Entry::of::<config::Operator>(),
    Entry::of::<names::Names>(),
    Entry::of::<registration::Registered>(),
    Entry::of::<schema::Schemas>(),
    Entry::of::<plan::Plans>(),
    Entry::of::<bundle::Bundles>(),
    Entry::of::<component::Components>(),
];

/// The target of this name.
pub fn find(name: &str) -> Option<Entry> {
    TARGETS.into_iter().find(|target| target.name == name)
}
