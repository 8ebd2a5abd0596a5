//! vCluster's words for what hooks are called on.

use std::fmt;
use std::str::FromStr;

use sluice_core::hook::Operation;
use sluice_core::key::Side;

/// As in `CreatePhysical`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HookType {
    pub(crate) side: Side,
    pub(crate) operation: Operation,
}

/// Ours for each of vCluster's. An apply makes or changes: to us it is a change, as it is where we apply.
const OPERATIONS: [(&str, Operation); 5] = [
    ("Create", Operation::Create),
    ("Update", Operation::Update),
    ("Delete", Operation::Delete),
    ("Get", Operation::Get),
    ("Apply", Operation::Update),
];

/// All of vCluster's types that this comes as.
pub(crate) fn types(side: Side, operation: Operation) -> impl Iterator<Item = String> {
    let words = OPERATIONS.into_iter().filter(move |(_, known)| *known == operation);
    words.map(move |(word, _)| format!("{word}{}", suffix(side)))
}

fn suffix(side: Side) -> &'static str {
    match side {
        Side::Virtual => "Virtual",
        Side::Physical => "Physical",
    }
}

impl FromStr for HookType {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Side::BOTH.into_iter().find_map(|side| {
            let word = text.strip_suffix(suffix(side))?;
            let (_, operation) = OPERATIONS.into_iter().find(|(known, _)| *known == word)?;
            Some(Self { side, operation })
        });
        found.ok_or_else(|| format!("{text:?} is no type of hook that this program knows"))
    }
}

impl fmt::Display for HookType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&types(self.side, self.operation).next().unwrap_or_default())
    }
}
