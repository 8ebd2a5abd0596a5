use crate::Failure;

impl Failure {
    /// Try again, with backoff.
    pub fn retry(reason: impl Into<String>) -> Self {
        Self::Retry(reason.into())
    }

    /// Trying again is no use until one of the objects, the plugin or its config changes.
    pub fn permanent(reason: impl Into<String>) -> Self {
        Self::Permanent(reason.into())
    }
}

/// The same text parses no better the next time.
impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::permanent(error.to_string())
    }
}
