//! What a plugin may use. Numbers, each with the reason for it.

/// The limits of one plugin.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Work of one call, in wasmtime's fuel, which is about one instruction each: between a quarter and half a second.
    /// Parsing and printing an object of 1.5 MB, the largest that etcd takes, costs about a tenth of it.
    pub fuel: u64,
    /// Linear memory of one call, in bytes. A Rust guest needs 2 MiB, a Python one 40.
    pub memory: usize,
    /// What a call may hand over at once, strings and lists together, in bytes: two objects of the largest size and room for escapes.
    pub answer: usize,
    /// What a call may have the runtime read, print, log or translate, in bytes, the same text counted each time: what
    /// fuel does not see. Both objects of a pair at their largest, twenty times over.
    pub reads: usize,
    /// Handles that a call may hold at once.
    pub handles: usize,
    /// Intents of one call. A syncer's takes two or three; more than this is a mistake or an attack.
    pub intents: usize,
    /// Objects that one answer may name: where one physical object goes, which pairs one watched object concerns. As many
    /// as a large cluster has namespaces.
    pub keys: usize,
    /// The shortest time after which a plugin may ask to be called again, in milliseconds.
    pub requeue: u32,
    /// Log lines of one call. What is more is counted and left out.
    pub log_lines: usize,
    /// Bytes of one log line. What is more is cut.
    pub log_bytes: usize,
    /// Calls of this plugin at once. Two make twenty thousand a second, and no more than two cores can spin for it.
    pub calls: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel: 400_000_000,
            memory: 64 << 20,
            answer: 8 << 20,
            reads: 64 << 20,
            handles: 4_096,
            intents: 64,
            keys: 10_000,
            requeue: 1_000,
            log_lines: 32,
            log_bytes: 1_024,
            calls: 2,
        }
    }
}
