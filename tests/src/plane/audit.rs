//! The audit log: what an API server was really asked, and by whom.

use anyhow::{Context, Result};
use serde_json::Value;
use std::{
    fs::{self, File},
    io::{ErrorKind, Read, Seek, SeekFrom},
    path::Path,
};

/// A place in the audit log.
#[derive(Debug, Clone, Copy, Default)]
pub struct AuditMark(u64);

/// One request, as the API server saw it. What does not apply is empty.
#[derive(Debug, Clone)]
pub struct AuditEvent {
    /// `ResponseComplete`, or `ResponseStarted` for a watch that goes on.
    pub stage: String,
    /// When the request came, in RFC 3339 with microseconds.
    pub received: String,
    /// Who asked.
    pub user: String,
    /// What program the user said it was.
    pub user_agent: String,
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`.
    pub verb: String,
    /// The API group; empty for the core one.
    pub group: String,
    /// The version of the API group.
    pub version: String,
    /// The kind in its plural, such as `configmaps`.
    pub resource: String,
    /// Such as `status`.
    pub subresource: String,
    /// Where the object is.
    pub namespace: String,
    /// The object's name, also when the API server chose it.
    pub name: String,
    /// The HTTP status of the answer.
    pub code: u16,
    /// The body of a write.
    pub request: Value,
    /// The body of the answer to a write.
    pub response: Value,
}

impl AuditEvent {
    /// Whether it asked for a change, granted or not.
    #[must_use]
    pub fn is_write(&self) -> bool {
        matches!(self.verb.as_str(), "create" | "update" | "patch" | "delete" | "deletecollection")
    }

    fn parse(line: &[u8]) -> Result<Self> {
        let mut event: Value = serde_json::from_slice(line).context("the audit log has a line that is no JSON")?;
        let text = |path: &str| event.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let name = match text("/objectRef/name") {
            none if none.is_empty() => text("/responseObject/metadata/name"),
            name => name,
        };
        Ok(Self {
            stage: text("/stage"),
            received: text("/requestReceivedTimestamp"),
            user: text("/user/username"),
            user_agent: text("/userAgent"),
            verb: text("/verb"),
            group: text("/objectRef/apiGroup"),
            version: text("/objectRef/apiVersion"),
            resource: text("/objectRef/resource"),
            subresource: text("/objectRef/subresource"),
            namespace: text("/objectRef/namespace"),
            name,
            code: event.pointer("/responseStatus/code").and_then(Value::as_u64).unwrap_or_default() as u16,
            request: event["requestObject"].take(),
            response: event["responseObject"].take(),
        })
    }
}

pub(super) fn mark(dir: &Path) -> AuditMark {
    AuditMark(fs::metadata(dir.join("audit.log")).map_or(0, |log| log.len()))
}

pub(super) fn since(dir: &Path, mark: AuditMark) -> Result<Vec<AuditEvent>> {
    let mut log = match File::open(dir.join("audit.log")) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(vec![]),
        log => log.context("cannot read the audit log")?,
    };
    log.seek(SeekFrom::Start(mark.0))?;
    let mut text = Vec::new();
    log.read_to_end(&mut text)?;
    // The last line may still be in the making.
    let lines = text.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    lines.map(AuditEvent::parse).collect()
}
