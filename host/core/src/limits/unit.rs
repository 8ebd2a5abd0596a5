//! How limits are written.

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Wasmtime's fuel.
    Fuel,
    /// Milliseconds.
    Milliseconds,
    /// Bytes: a number, or a Kubernetes quantity.
    Bytes,
    /// Things.
    Count,
}

/// The suffixes of quantities, and what they stand for. The largest first.
const SUFFIXES: [(&str, u64); 6] =
    [("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10), ("G", 1_000_000_000), ("M", 1_000_000), ("k", 1_000)];

impl Unit {
    /// Reads a number of this unit: `64Mi` where it is bytes. None if it is none.
    pub fn parse(self, text: &str) -> Option<u64> {
        let suffix = match self {
            Self::Bytes => SUFFIXES.iter().find(|(suffix, _)| text.ends_with(suffix)),
            _ => None,
        };
        let (digits, times) = match suffix {
            Some((suffix, times)) => (text.strip_suffix(suffix)?, *times),
            None => (text, 1),
        };
        // `parse` takes a sign, too.
        let number: u64 = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())??;
        number.checked_mul(times)
    }

    /// A number of this unit as it may be written in the config: bytes as a quantity.
    pub fn print(self, value: u64) -> String {
        let whole = |(_, times): &&(&str, u64)| value > 0 && value.is_multiple_of(*times);
        match SUFFIXES[..3].iter().find(whole) {
            Some((suffix, times)) if self == Self::Bytes => format!("{}{suffix}", value / times),
            _ => value.to_string(),
        }
    }

    /// What follows a number of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fuel => " fuel",
            Self::Milliseconds => " ms",
            Self::Bytes => " bytes",
            Self::Count => "",
        }
    }
}
