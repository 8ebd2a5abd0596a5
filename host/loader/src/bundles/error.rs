//! Why ConfigMaps give no plugin, and the way out.

use crate::found::MAX_BYTES;

/// Why the ConfigMaps of one plugin give none.
#[derive(Debug, thiserror::Error)]
#[error("plugin {plugin:?} in ConfigMap {at}: {problem}")]
pub struct BundleError {
    /// The plugin's name, as the label has it.
    pub plugin: String,
    /// The ConfigMap that is wrong, or the first of all, as `namespace/name`.
    pub at: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with the ConfigMaps of a plugin.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The label's value is no plugin's name.
    #[error(
        "a plugin is named by the label sluice.dev/plugin, and this is no name: \
         use lower-case letters, digits and hyphens within, at most 63"
    )]
    Name,
    /// Which part it is cannot be read.
    #[error("annotation sluice.dev/part is {0:?}; write which it is of how many, as 2/5, of 999 at most")]
    Part(String),
    /// The digest cannot be read.
    #[error("annotation sluice.dev/sha256 is {0:?}; write the 64 hex digits that `sha256sum plugin.wasm` prints")]
    Digest(String),
    /// A part without the digest of the whole.
    #[error("annotation sluice.dev/sha256 is missing, which tells what a part is a part of; {MAKE}")]
    NoDigest,
    /// It holds nothing that could be a plugin.
    #[error("binaryData has neither plugin.wasm nor plugin.wasm.zst; put the component under one of these keys")]
    Nothing,
    /// It holds two.
    #[error("binaryData has both plugin.wasm and plugin.wasm.zst; remove one")]
    Both,
    /// It belongs to another set than the first does.
    #[error("it is of another version, or cut another way, than {0} is; {MAKE}, and delete what is left of others")]
    Mixed(String),
    /// Two ConfigMaps are the same part.
    #[error("it is part {number} of {count}, and so is {other}; delete the one that is left of another version")]
    Twice {
        /// Which part, from 1.
        number: usize,
        /// Of how many.
        count: usize,
        /// The other.
        other: String,
    },
    /// Some parts are not there.
    #[error(
        "of its {count} parts there is no {}; they may still be on their way, or else apply them again",
        numbers(missing)
    )]
    Missing {
        /// Of how many.
        count: usize,
        /// Which, from 1.
        missing: Vec<usize>,
    },
    /// It is larger than [`MAX_BYTES`].
    #[error(
        "it holds more than {} MiB, which no plugin needs to be; build it with `--release` and stripped",
        MAX_BYTES >> 20
    )]
    TooLarge,
    /// It cannot be unpacked.
    #[error("plugin.wasm.zst is not what zstd packs: {0}; {MAKE}")]
    Packed(String),
    /// It is not what its digest says.
    #[error("its content is sha256 {found}, and annotation sluice.dev/sha256 says {wanted}; {MAKE}")]
    Other {
        /// What the annotation says.
        wanted: String,
        /// What it is.
        found: String,
    },
    /// It is no component.
    #[error("it does not begin as a component does; build the plugin for wasm32-wasip2; {MAKE}")]
    NoComponent,
}

/// The way out of most.
const MAKE: &str = "`sluice plugin bundle FILE.wasm` makes ConfigMaps that fit";

/// The first few of them.
fn numbers(missing: &[usize]) -> String {
    const SHOWN: usize = 5;
    let more = if missing.len() > SHOWN { ", …" } else { "" };
    missing.iter().take(SHOWN).map(ToString::to_string).collect::<Vec<_>>().join(", ") + more
}
