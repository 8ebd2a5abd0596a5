//! What is shown, whoever has it.

use crate::state::State;

/// What can be seen of a runtime. It is asked at every request, so it answers from what it knows, and blocks nobody.
pub trait Seen: Send + Sync + 'static {
    /// Whether to go on with this process. What restarting it does not mend has no place here.
    fn live(&self) -> Vec<Check>;

    /// Whether it can do its work.
    fn ready(&self) -> Vec<Check>;

    /// How it stands. Without what an object, a Secret or a config holds, and without names of objects.
    fn state(&self) -> State;

    /// OpenMetrics text, with its `# EOF`.
    fn metrics(&self) -> String;
}

/// One thing that has to be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What.
    pub name: String,
    /// Whether it is so, and more about it, which may be empty.
    pub said: Result<String, String>,
}

impl Check {
    /// It is so.
    pub fn passed(name: impl Into<String>, said: impl Into<String>) -> Self {
        Self { name: name.into(), said: Ok(said.into()) }
    }

    /// It is not.
    pub fn failed(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self { name: name.into(), said: Err(why.into()) }
    }
}
