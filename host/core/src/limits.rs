//! What a plugin may use: one table, from which follow the defaults, the bounds, and `docs/src/limits.md`.

mod asked;
mod docs;
mod unit;

pub use asked::{Amount, Asked, LimitError};
pub use docs::markdown;
pub use unit::Unit;

/// The most linear memory that a limit can allow, in bytes.
pub const MEMORY: usize = 1 << 30;
/// Stack of a guest, in bytes.
pub const STACK: usize = 512 << 10;
/// Elements of a table: functions that can be called by pointer.
pub const ELEMENTS: usize = 20_000;
/// Core modules of a component.
pub const MODULES: u32 = 32;
/// Linear memories of a component.
pub const MEMORIES: u32 = 2;
/// Tables of a component.
pub const TABLES: u32 = 4;
/// Calls at once over all plugins.
pub const CALLS: u32 = 64;
/// The longest that a plugin is set aside, in milliseconds.
pub const LONGEST_QUARANTINE: u64 = 30 * 60 * 1_000;

/// A limit that can be set for each plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What it is called in the config.
    pub name: &'static str,
    /// What is counted.
    pub unit: Unit,
    /// What holds if nothing is said.
    pub default: u64,
    /// The least that can be set.
    pub min: u64,
    /// The most that can be set.
    pub max: u64,
    /// The reason for these numbers.
    pub why: &'static str,
}

/// A limit that is the same for all plugins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// What it is called in the docs.
    pub name: &'static str,
    /// What is counted.
    pub unit: Unit,
    /// How much it is.
    pub value: u64,
    /// The reason for it, and for its being fixed.
    pub why: &'static str,
}

/// Each line: field, type, name in the config, unit, default, bounds, reason.
macro_rules! limits {
    ($($field:ident: $type:ty, $name:literal, $unit:ident, $default:expr, $min:expr, $max:expr, $why:literal;)*) => {
        /// The limits of one plugin.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Limits {
            $(#[doc = $why] pub $field: $type,)*
        }

        /// All that can be set, in the order of the docs.
        pub const TABLE: &[Limit] = &[
            $(Limit { name: $name, unit: Unit::$unit, default: $default, min: $min, max: $max, why: $why },)*
        ];

        impl Default for Limits {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl Limits {
            /// Sets the limit of this name, whatever its bounds. Whether there is one, and it takes such a number.
            fn set(&mut self, name: &str, value: u64) -> bool {
                match name {
                    $($name => <$type>::try_from(value).map(|value| self.$field = value).is_ok(),)*
                    _ => false,
                }
            }
        }
    };
}

limits! {
    fuel: u64, "fuel", Fuel, 400_000_000, 1_000_000, 40_000_000_000,
        "Work of one call, in wasmtime's fuel: one for an instruction, and one for each byte that a bulk instruction moves. How long that takes stands below; parsing and printing an object of 1.5 MB, the largest that etcd takes, costs about a tenth of it.";
    time: u64, "time", Milliseconds, 5_000, 100, 60_000,
        "Time of one call, by the clock: what fuel does not see. An instruction that waits for memory counts as one and takes a hundred times as long, so that the default fuel can last for most of a minute. A hundred times what a short loop needs for its fuel, so that a busy machine fails nobody.";
    memory: usize, "memory", Bytes, 64 << 20, 2 << 20, 1 << 30,
        "Linear memory of one call. A Rust guest needs 2 MiB, a Python one 40.";
    answer: usize, "answer", Bytes, 8 << 20, 64 << 10, 64 << 20,
        "What a call may hand over at once, strings and lists together: two objects of the largest size and room for escapes.";
    reads: usize, "reads", Bytes, 64 << 20, 1 << 20, 1 << 30,
        "What a call may have the runtime read, print, log or translate, the same text counted each time: what fuel does not see. Both objects of a pair at their largest, twenty times over.";
    handles: usize, "handles", Count, 4_096, 64, 65_536,
        "Handles that a call may hold at once. More than a lookup of all that concerns one object gives.";
    intents: usize, "intents", Count, 64, 1, 1_000,
        "Intents of one call. A syncer's takes two or three; more than this is a mistake or an attack.";
    keys: usize, "keys", Count, 10_000, 1, 100_000,
        "Objects that one answer may name: where one physical object goes, which pairs one watched object concerns. As many as a large cluster has namespaces.";
    requeue: u32, "requeue", Milliseconds, 1_000, 100, 3_600_000,
        "The shortest time after which a plugin may ask to be called again. A thousand objects that do so are a thousand calls in it.";
    log_lines: usize, "logLines", Count, 32, 1, 1_000,
        "Log lines of one call. What is more is counted and left out.";
    log_bytes: usize, "logBytes", Bytes, 1_024, 64, 16 << 10,
        "Bytes of one log line. What is more is cut.";
    log_lines_rate: u64, "logLinesPerSecond", Count, 100, 1, 10_000,
        "Log lines of all calls in a second; as many at once. What is more is left out, and once a minute it is said how many those were. Three calls that say all that they may.";
    log_bytes_rate: u64, "logBytesPerSecond", Bytes, 64 << 10, 1 << 10, 16 << 20,
        "Bytes of those lines in a second; as many at once. At most 5.7 GB a day, and a gigabyte lasts for four hours.";
    writes_rate: u64, "writesPerSecond", Count, 2_000, 1, 100_000,
        "Writes of all calls in a second; as many at once. What is more waits its turn. More than one API server of `cargo xtask bench sync` takes; set it lower for a plugin that is to leave others room.";
    calls: usize, "calls", Count, 2, 1, 16,
        "Calls at once. Two make twenty thousand a second, and no more than two cores can spin for it.";
    quarantine: u64, "quarantine", Milliseconds, 60_000, 1_000, LONGEST_QUARANTINE,
        "How long a plugin is set aside at first, after 20 failures in a row on at least 5 objects. It doubles each time, up to 30 minutes: a broken plugin then costs next to nothing, and one that was repaired by a change elsewhere is back within half an hour.";
}

/// What cannot be set for one plugin.
pub const FIXED: &[Fixed] = &[
    Fixed {
        name: "stack",
        unit: Unit::Bytes,
        value: STACK as u64,
        why: "Deep enough for serde's 128 levels, shallow enough for a worker thread. Wasmtime has one for all.",
    },
    Fixed {
        name: "table elements",
        unit: Unit::Count,
        value: ELEMENTS as u64,
        why: "Functions that can be called by pointer; a large Rust guest has two thousand. Room for them is reserved for all.",
    },
    Fixed {
        name: "core modules",
        unit: Unit::Count,
        value: MODULES as u64,
        why: "Of a component: of Rust it has one and three small adapters, other languages bring more. No component gets more than its share of what is reserved, so none can keep another from its own.",
    },
    Fixed {
        name: "memories",
        unit: Unit::Count,
        value: MEMORIES as u64,
        why: "Of a component: one is what a program has, two what linkers make at times. Their sizes count together.",
    },
    Fixed {
        name: "tables",
        unit: Unit::Count,
        value: TABLES as u64,
        why: "Of a component: of functions that are called by pointer, and of those that adapters call.",
    },
    Fixed {
        name: "calls of all plugins",
        unit: Unit::Count,
        value: CALLS as u64,
        why: "At once. A call never waits, so more than the machine has cores is only for the sake of plugins that spin.",
    },
];

#[cfg(test)]
mod tests;
